package console

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"strconv"
	"time"
)

// form is a page for somebody who is not signed in.
type form struct {
	base
	Fault string // message id
	Wait  int64  // seconds
	Name  string
}

func (c *Console) form(r *http.Request, fault string) form {
	return form{base: c.base(r), Fault: fault}
}

// menu is what is not needed every minute.
type menu struct {
	base
	Me      *person
	Code    string // of a new device
	MayCode bool
	Reports bool // there are pages of reports
	Devices []Device
}

func (c *Console) menu(r *http.Request, p *person) (menu, error) {
	m := menu{base: c.base(r), Me: p, MayCode: mayCode(p), Reports: c.o.Reports != nil}
	m.Path = "/menu"
	var err error
	if m.MayCode {
		m.Devices, err = c.o.Book.Devices(r.Context())
	}
	return m, err
}

// mayCode reports whether somebody may let devices in.
func mayCode(p *person) bool { return p.Role == "supervisor" || p.Role == "manager" }

func (c *Console) serveMenu(w http.ResponseWriter, r *http.Request, p *person) {
	m, err := c.menu(r, p)
	if err != nil {
		c.broken(w, r, err)
		return
	}
	c.write(w, r, http.StatusOK, m, "menu")
}

// serveCode makes a code for a new device.
func (c *Console) serveCode(w http.ResponseWriter, r *http.Request, p *person) {
	if !mayCode(p) {
		http.Error(w, c.words(r).T("console.why.role"), http.StatusForbidden)
		return
	}
	m, err := c.menu(r, p)
	if err == nil {
		m.Code, err = c.o.Book.Code(r.Context(), p.ID)
	}
	if err != nil {
		c.broken(w, r, err)
		return
	}
	c.o.Log.InfoContext(r.Context(), "code for a device made", "staff", p.ID)
	c.write(w, r, http.StatusOK, m, "menu")
}

// serveShell serves the page that shows while the hub is away. It is all that
// the worker keeps beside scripts and styles: nothing of shoppers or calls.
func (c *Console) serveShell(w http.ResponseWriter, r *http.Request) {
	b := c.base(r)
	b.Path = "/"
	c.write(w, r, http.StatusOK, form{base: b}, "shell")
}

func (c *Console) serveManifest(w http.ResponseWriter, r *http.Request) {
	words := c.words(r)
	w.Header().Set("Content-Type", "application/manifest+json")
	icon := func(size int) map[string]string {
		n := strconv.Itoa(size)
		return map[string]string{"src": "/icon/" + n + ".png", "sizes": n + "x" + n, "type": "image/png", "purpose": "any maskable"}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{ // whoever is gone asks again
		"id": "/", "name": words.T("console.title") + " " + c.o.Store.Name, "short_name": words.T("console.short"), "lang": words.Tag(), "dir": words.Dir(),
		"start_url": "/", "scope": "/", "display": "standalone", "background_color": "#fbfaf7", "theme_color": "#0b5d47",
		"icons": []any{icon(192), icon(512)},
	})
}

// serveWorker serves the script that keeps the shell. It must lie at the top of
// what it keeps, and must never be an old one.
func (c *Console) serveWorker(w http.ResponseWriter, _ *http.Request) {
	data, err := staticFiles.ReadFile("static/worker.js")
	if err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(bytes.ReplaceAll(data, []byte("BUILD"), []byte(c.build))) // whoever is gone asks again
}

func (c *Console) serveIcon(w http.ResponseWriter, r *http.Request) {
	data, ok := c.icons()[r.PathValue("name")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Cache-Control", "max-age=86400")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

// makeIcons draws the console's sign: the lamp of a lane that calls.
func makeIcons() map[string][]byte {
	all := map[string][]byte{}
	for _, size := range []int{192, 512} {
		var b bytes.Buffer
		if err := png.Encode(&b, icon(size)); err == nil { // a Buffer takes everything
			all[strconv.Itoa(size)+".png"] = b.Bytes()
		}
	}
	return all
}

// icon is a white ring, three quarters full, around a white disc on green.
func icon(size int) image.Image {
	green, white := color.RGBA{0x0b, 0x5d, 0x47, 0xff}, color.RGBA{0xff, 0xff, 0xff, 0xff}
	img := image.NewRGBA(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			dx, dy := 200*x/size-100, 200*y/size-100 // in hundredths of half the size
			d := dx*dx + dy*dy
			ring := d > 48*48 && d < 62*62 && (dx < 0 || dy > 0)
			if ring || d < 30*30 {
				img.SetRGBA(x, y, white)
			} else {
				img.SetRGBA(x, y, green)
			}
		}
	}
	return img
}

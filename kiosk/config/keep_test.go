package config

import (
	"strings"
	"testing"
)

func TestHeadOfficeAndRetention(t *testing.T) {
	l, err := Parse("shop/kassa.toml", least+"[hq]\nurl = \"https://hq.example.org:8444\"\ncredentials = \"hq.creds\"\n[retention]\nsale_days = 90\nperson_days = 7\n")
	if err != nil || l.HQ.Credentials != "shop/hq.creds" || l.Retention != (Retention{90, 7}) {
		t.Errorf("%+v, %v", l, err)
	}
	if l, err = Parse("k.toml", least); err != nil || l.HQ != nil || l.Retention != (Retention{35, 30}) {
		t.Errorf("by default %+v, %v", l, err)
	}
	for text, want := range map[string]string{
		"[hq]\nurl = \"http://hq:1\"\ncredentials = \"c\"\n": "hq.url",
		"[hq]\ncredentials = \"c\"\n":                        "hq.url",
		"[hq]\nurl = \"https://hq:1\"\n":                     "hq.credentials",
		"[hq]\nurl = \"https://hq:1\"\ncredentials = \"c\"\n[hub]\nurl = \"tls://hub.store:4222\"\n": "keep the one",
		"[retention]\nsale_days = 34\n":  "35 to 3660",
		"[retention]\nperson_days = 0\n": "retention.person_days",
	} {
		if _, err := Parse("k.toml", least+text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want it to say %s", text, err, want)
		}
	}
}

package console

import "net/http"

func (c *Console) stories(*http.ServeMux) {}

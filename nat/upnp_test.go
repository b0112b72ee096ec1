// SPDX-License-Identifier: Apache-2.0

package nat

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// An igd is an Internet Gateway Device: a description and the services of its connections.
type igd struct {
	t       *testing.T
	mu      sync.Mutex // guards what follows
	host    string     // of control URLs; "" = none is written
	base    string     // URLBase
	ips     map[string]string
	taken   map[string]string // client:port that an external port and protocol lead to
	forever bool              // knows only mappings without end
	hook    func(w http.ResponseWriter, action string) bool
	log     []string
	at      []time.Time
	server  *httptest.Server
}

const (
	ip1  = "WANIPConnection:1"
	ip2  = "WANIPConnection:2"
	ppp1 = "WANPPPConnection:1"
)

// newIGD serves a device with these services, which know these addresses.
func newIGD(t *testing.T, ips map[string]string) *igd {
	d := &igd{t: t, ips: ips, taken: map[string]string{}}
	d.server = httptest.NewServer(d)
	t.Cleanup(d.server.Close)
	return d
}

func (d *igd) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if r.URL.Path == "/desc.xml" {
		if d.hook == nil || !d.hook(w, "describe") {
			io.WriteString(w, d.description())
		}
		return
	}
	d.at = append(d.at, time.Now())
	_, action, _ := strings.Cut(strings.Trim(r.Header.Get("SOAPACTION"), `"`), "#")
	body, err := io.ReadAll(r.Body)
	if err != nil {
		d.t.Error(err)
	}
	if d.hook != nil && d.hook(w, action) {
		return
	}
	answer, code := d.do(strings.TrimPrefix(r.URL.Path, "/"), action, arguments(d.t, body))
	if code != 0 {
		w.WriteHeader(http.StatusInternalServerError)
		answer = fmt.Sprintf("<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail><UPnPError xmlns=\"urn:schemas-upnp-org:control-1-0\"><errorCode>%d</errorCode><errorDescription>No</errorDescription></UPnPError></detail></s:Fault>", code)
	} else {
		answer = fmt.Sprintf(`<u:%sResponse xmlns:u="urn:x">%s</u:%sResponse>`, action, answer, action)
	}
	fmt.Fprintf(w, `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>%s</s:Body></s:Envelope>`, answer)
}

func (d *igd) description() string {
	services := ""
	for service := range d.ips {
		services += fmt.Sprintf("<service><serviceType>urn:schemas-upnp-org:service:%s</serviceType><controlURL>%s/%s</controlURL></service>", service, d.host, service)
	}
	return `<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0">` + d.base + `<device><deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:1</deviceType>
		<deviceList><device><deviceList><device><serviceList>` + services + `</serviceList></device></deviceList></device></deviceList></device></root>`
}

// arguments reads what a request says, by name.
func arguments(t *testing.T, body []byte) map[string]string {
	args, name := map[string]string{}, ""
	dec := xml.NewDecoder(strings.NewReader(string(body)))
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return args
		}
		if err != nil {
			t.Errorf("%v in %s", err, body)
			return args
		}
		switch x := token.(type) {
		case xml.StartElement:
			name = x.Name.Local
		case xml.CharData:
			args[name] += string(x)
		}
	}
}

// do returns what a service answers, or an error's code.
func (d *igd) do(service, action string, args map[string]string) (answer string, code int) {
	key := args["NewProtocol"] + " " + args["NewExternalPort"]
	mine := args["NewInternalClient"] + ":" + args["NewInternalPort"]
	switch action {
	case "GetExternalIPAddress":
		return "<NewExternalIPAddress>" + d.ips[service] + "</NewExternalIPAddress>", 0
	case "AddPortMapping", "AddAnyPortMapping":
		d.log = append(d.log, fmt.Sprintf("%s %s to %s for %s", action, key, mine, args["NewLeaseDuration"]))
		if d.forever && args["NewLeaseDuration"] != "0" {
			return "", onlyPermanentTime
		}
		if had := d.taken[key]; had != "" && had != mine {
			if action == "AddPortMapping" {
				return "", conflict
			}
			d.taken[args["NewProtocol"]+" 50001"] = mine
			return "<NewReservedPort>50001</NewReservedPort>", 0
		}
		d.taken[key] = mine
		return "", 0
	case "GetSpecificPortMappingEntry":
		client, port, ok := strings.Cut(d.taken[key], ":")
		if !ok {
			return "", noSuchEntry
		}
		return "<NewInternalPort>" + port + "</NewInternalPort><NewInternalClient>" + client + "</NewInternalClient><NewEnabled>1</NewEnabled><NewPortMappingDescription/><NewLeaseDuration>1</NewLeaseDuration>", 0
	case "DeletePortMapping":
		d.log = append(d.log, "delete "+key)
		delete(d.taken, key)
		return "", 0
	}
	return "", 401
}

func (d *igd) set(change func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change()
}

func (d *igd) location() *url.URL {
	u, err := url.Parse(d.server.URL + "/desc.xml")
	if err != nil {
		d.t.Fatal(err)
	}
	return u
}

var loopback = netip.MustParseAddr("127.0.0.1")

func (d *igd) gateway() *upnpGateway {
	d.t.Helper()
	g, err := describe(d.t.Context(), d.location(), loopback)
	if err != nil {
		d.t.Fatal(err)
	}
	return g.(*upnpGateway)
}

func (d *igd) expect(want ...string) {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if got := strings.Join(d.log, "\n"); got != strings.Join(want, "\n") {
		d.t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	d.log = nil
}

func TestUPnP(t *testing.T) {
	for _, service := range []string{ip1, ip2, ppp1} {
		t.Run(service, func(t *testing.T) {
			t.Parallel()
			d := newIGD(t, map[string]string{service: "34.1.1.1"})
			g := d.gateway()
			if ip, err := g.ExternalIP(t.Context()); err != nil || ip.String() != "34.1.1.1" {
				t.Errorf("%v, %v", ip, err)
			}
			if got, err := g.Map(t.Context(), TCP, 30303, 30304, lease); err != nil || got != (Grant{30304, lease}) {
				t.Errorf("%v, %v", got, err)
			}
			d.expect("AddPortMapping TCP 30304 to 127.0.0.1:30303 for 600")
			for range 2 { // the second time there is none
				if err := g.Unmap(t.Context(), TCP, 30303, 30304); err != nil {
					t.Error(err)
				}
			}
			d.expect("delete TCP 30304")
			for i := 1; i < len(d.at); i++ {
				if gap := d.at[i].Sub(d.at[i-1]); gap < soapGap {
					t.Errorf("%v between two requests", gap)
				}
			}
		})
	}
}

// TestUPnPTakenPort: another external port is found, and another host's mapping stays.
func TestUPnPTakenPort(t *testing.T) {
	t.Parallel()
	d := newIGD(t, map[string]string{ip2: "34.1.1.1"})
	d.taken["TCP 30303"] = "192.168.1.77:80"
	g := d.gateway()
	if got, err := g.Map(t.Context(), TCP, 30303, 30303, lease); err != nil || got != (Grant{50001, lease}) {
		t.Errorf("version 2: %v, %v", got, err)
	}
	if err := g.Unmap(t.Context(), TCP, 30303, 30303); err != nil {
		t.Error(err)
	}
	d.expect("AddPortMapping TCP 30303 to 127.0.0.1:30303 for 600", "AddAnyPortMapping TCP 30303 to 127.0.0.1:30303 for 600")

	d = newIGD(t, map[string]string{ip1: "34.1.1.1"})
	d.taken["TCP 30303"] = "192.168.1.77:80"
	g = d.gateway()
	got, err := g.Map(t.Context(), TCP, 30303, 30303, lease)
	if err != nil || got.Port < 10_000 || got.Port == 30303 || d.taken[fmt.Sprintf("TCP %d", got.Port)] != "127.0.0.1:30303" {
		t.Errorf("version 1: %v, %v; %v", got, err, d.taken)
	}
}

// TestUPnPForever: some devices know only mappings without end, which are deleted all the same.
func TestUPnPForever(t *testing.T) {
	t.Parallel()
	d := newIGD(t, map[string]string{ip1: "34.1.1.1"})
	d.forever = true
	g := d.gateway()
	if got, err := g.Map(t.Context(), UDP, 30303, 30303, lease); err != nil || got != (Grant{30303, lease}) {
		t.Errorf("%v, %v", got, err)
	}
	if err := g.Unmap(t.Context(), UDP, 30303, 30303); err != nil {
		t.Error(err)
	}
	d.expect("AddPortMapping UDP 30303 to 127.0.0.1:30303 for 600", "AddPortMapping UDP 30303 to 127.0.0.1:30303 for 0", "delete UDP 30303")
}

// TestUPnPChoosesTheConnectionThatIsUp: with a public address, else with any.
func TestUPnPChoosesTheConnectionThatIsUp(t *testing.T) {
	for name, test := range map[string]struct {
		ips  map[string]string
		want string
	}{
		"public":  {map[string]string{ip2: "", ip1: "0.0.0.0", ppp1: "34.1.1.1"}, "34.1.1.1"},
		"private": {map[string]string{ip1: "192.168.1.2"}, "192.168.1.2"},
		"down":    {map[string]string{ip1: ""}, "invalid IP"},
		"absurd":  {map[string]string{ip1: "example.org"}, "the device 127.0.0.1 has no connection"},
		"none":    {nil, "the device 127.0.0.1 has no connection"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newIGD(t, test.ips)
			g, err := describe(t.Context(), d.location(), loopback)
			got := because(err)
			if err == nil {
				ip, err := g.ExternalIP(t.Context())
				got = ip.String() + because(err)
			}
			if !strings.Contains(got, test.want) {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// TestUPnPUnmapsOnlyOurs: a mapping to another host is not ours, whatever its port, nor is one to
// another port of ours.
func TestUPnPUnmapsOnlyOurs(t *testing.T) {
	t.Parallel()
	for mapping, ours := range map[string]bool{
		"127.0.0.1:30303": true, "127.0.0.9:30303": false, "127.0.0.1:30399": false, "": false,
	} {
		d := newIGD(t, map[string]string{ip2: "34.1.1.1"})
		if mapping != "" {
			d.taken["TCP 30303"] = mapping
		}
		if err := d.gateway().Unmap(t.Context(), TCP, 30303, 30303); err != nil {
			t.Errorf("%q: %v", mapping, err)
		}
		var want []string
		if ours {
			want = []string{"delete TCP 30303"}
		}
		d.expect(want...)
	}
}

// TestUPnPHostileDescription: nothing is asked of another host, and little is read.
func TestUPnPHostileDescription(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("another host was asked")
	}))
	defer elsewhere.Close()
	other := strings.Replace(elsewhere.URL, "127.0.0.1", "localhost", 1)
	for name, change := range map[string]func(d *igd){
		"control at another host": func(d *igd) { d.host = other },
		"base at another host":    func(d *igd) { d.base = "<URLBase>" + other + "</URLBase>" },
		"base that is none":       func(d *igd) { d.base = "<URLBase>:</URLBase>" },
		"other scheme":            func(d *igd) { d.host = strings.Replace(d.server.URL, "http", "file", 1) },
		"redirection": func(d *igd) {
			d.hook = func(w http.ResponseWriter, _ string) bool {
				w.Header().Set("Location", other)
				w.WriteHeader(http.StatusFound)
				return true
			}
		},
		"without end": func(d *igd) {
			d.hook = func(w http.ResponseWriter, _ string) bool {
				io.WriteString(w, "<root>")
				for range 1 << 20 {
					if _, err := io.WriteString(w, "<!-- much -->"); err != nil {
						return true
					}
				}
				d.t.Error("all was read")
				return true
			}
		},
		"deep": func(d *igd) {
			d.hook = func(w http.ResponseWriter, _ string) bool {
				io.WriteString(w, "<root>"+strings.Repeat("<device>", maxXML))
				return true
			}
		},
		"not XML": func(d *igd) {
			d.hook = func(w http.ResponseWriter, _ string) bool { io.WriteString(w, "\x00\x1b[31m"); return true }
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newIGD(t, map[string]string{ip1: "34.1.1.1"})
			d.set(func() { change(d) })
			if g, err := describe(t.Context(), d.location(), loopback); err == nil || !isPlain(err.Error()) {
				t.Errorf("%v, %v", g, err)
			}
		})
	}
}

// TestUPnPHostileAnswers: they are errors, short and printable.
func TestUPnPHostileAnswers(t *testing.T) {
	t.Parallel()
	d := newIGD(t, map[string]string{ip1: "34.1.1.1"})
	g := d.gateway()
	for name, text := range map[string]string{
		"nothing": "", "not XML": "\x1b[31m", "no answer in it": "<a/>",
		"fault without code": `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault/></s:Body></s:Envelope>`,
		"absurd address":     `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><r><NewExternalIPAddress>` + strings.Repeat("9", 10_000) + `</NewExternalIPAddress></r></s:Body></s:Envelope>`,
		"malformed inside":   `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>` + strings.Repeat("x", 10_000) + `</s:Body></s:Envelope>`,
		"too long":           strings.Repeat(" ", 2*maxXML),
	} {
		d.set(func() {
			d.hook = func(w http.ResponseWriter, _ string) bool { io.WriteString(w, text); return true }
		})
		if ip, err := g.ExternalIP(t.Context()); err == nil || len(err.Error()) > maxSaid+100 || !isPlain(err.Error()[:min(maxSaid, len(err.Error()))]) {
			t.Errorf("%s: %v, %v", name, ip, err)
		}
	}
	release := make(chan struct{})
	defer close(release)
	d.set(func() {
		d.hook = func(http.ResponseWriter, string) bool { <-release; return true }
	})
	ctx, cancel := context.WithTimeout(t.Context(), soapGap+50*time.Millisecond)
	defer cancel()
	if _, err := g.ExternalIP(ctx); err != errSilent {
		t.Errorf("never answering: %v", err)
	}
	if _, err := g.Map(ctx, TCP, 1, 1, lease); err != errSilent {
		t.Errorf("after the end: %v", err)
	}
}

func TestUPnPRefuses(t *testing.T) {
	t.Parallel()
	d := newIGD(t, map[string]string{ip1: "34.1.1.1"})
	g := d.gateway()
	d.set(func() {
		d.hook = func(w http.ResponseWriter, _ string) bool {
			w.WriteHeader(http.StatusInternalServerError)
			io.WriteString(w, `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><detail><UPnPError><errorCode>606</errorCode><errorDescription>Action
not authorized</errorDescription></UPnPError></detail></s:Fault></s:Body></s:Envelope>`)
			return true
		}
	})
	_, err := g.Map(t.Context(), TCP, 30303, 30303, lease)
	if err == nil || err.Error() != `it refuses: error 606, "Action\nnot authorized"` {
		t.Error(err)
	}
	if err := g.Unmap(t.Context(), TCP, 30303, 30303); code(err) != 606 {
		t.Error(err)
	}
}

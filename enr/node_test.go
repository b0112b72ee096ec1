// SPDX-License-Identifier: Apache-2.0

package enr

import (
	"net/netip"
	"strings"
	"testing"
)

const urlKey = "1dd9d65c4552b5eb43d5ad55a2ee3f56c6cbc1c64a5c8d659f51fcd51bace24351232b8d7821617d2b29b54b81cdefb9b3e9c37d7fd5f63270bcc9e1a6f6a439"

func TestParseNode(t *testing.T) {
	full := "enode://" + urlKey + "@"
	for _, test := range []struct {
		url      string
		host, ip string
		tcp, udp uint16
		back     string // what URL returns; "": url
	}{
		{url: "enode://" + urlKey},
		{url: urlKey, back: "enode://" + urlKey},
		{url: strings.ToUpper(urlKey), back: "enode://" + urlKey},
		{url: "ENODE://" + strings.ToUpper(urlKey), back: "enode://" + urlKey},
		{url: full + "127.0.0.1:52150", ip: "127.0.0.1", tcp: 52150, udp: 52150},
		{url: "Enode://" + urlKey + "@127.0.0.1:1", ip: "127.0.0.1", tcp: 1, udp: 1, back: full + "127.0.0.1:1"},
		{url: full + "127.0.0.1:52150?discport=22334", ip: "127.0.0.1", tcp: 52150, udp: 22334},
		{url: full + "127.0.0.1:52150?discport=0", ip: "127.0.0.1", tcp: 52150},
		{url: full + "127.0.0.1:0?discport=30301", ip: "127.0.0.1", udp: 30301},
		{url: full + "127.0.0.1:7?discport=7", ip: "127.0.0.1", tcp: 7, udp: 7, back: full + "127.0.0.1:7"},
		{url: full + "127.0.0.1:7?discport=", ip: "127.0.0.1", tcp: 7, udp: 7, back: full + "127.0.0.1:7"},
		{url: full + "127.0.0.1:7/x?a=b#c", ip: "127.0.0.1", tcp: 7, udp: 7, back: full + "127.0.0.1:7"},
		{url: " " + full + "127.0.0.1:7\n", ip: "127.0.0.1", tcp: 7, udp: 7, back: full + "127.0.0.1:7"},
		{url: full + "[::]:52150", ip: "::", tcp: 52150, udp: 52150},
		{url: full + "[2001:db8:3c4d:15::abcd:ef12]:52150", ip: "2001:db8:3c4d:15::abcd:ef12", tcp: 52150, udp: 52150},
		{url: full + "[::ffff:1.2.3.4]:5", ip: "1.2.3.4", tcp: 5, udp: 5, back: full + "1.2.3.4:5"},
		{url: full + "[fe80::1%25eth0]:5", ip: "fe80::1%eth0", tcp: 5, udp: 5, back: full + "[fe80::1%eth0]:5"},
		{url: full + "[fe80::1%eth0]:5", ip: "fe80::1%eth0", tcp: 5, udp: 5},
		{url: full + "[fe80::1%2525]:5", ip: "fe80::1%25", tcp: 5, udp: 5},
		{url: full + "[fe80::1%25a%2Fb%5D%40:%3F%23%20]:5", ip: "fe80::1%a/b]@:?# ", tcp: 5, udp: 5, back: full + "[fe80::1%25a%2Fb%5D@:%3F%23%20]:5"},
		{url: full + "[fe80::1%25%zz]:5", ip: "fe80::1%%zz", tcp: 5, udp: 5, back: full + "[fe80::1%25%25zz]:5"},
		{url: full + "[::ffff:1.2.3.4%25eth0]:5", ip: "1.2.3.4", tcp: 5, udp: 5, back: full + "1.2.3.4:5"},
		{url: "0x" + urlKey, back: "enode://" + urlKey},
		{url: "enode://0x" + urlKey + "@127.0.0.1:7", ip: "127.0.0.1", tcp: 7, udp: 7, back: full + "127.0.0.1:7"},
		{url: full + "valid.:3", host: "valid.", tcp: 3, udp: 3},
		{url: full + "boot-1.Example.org:30303?discport=30301", host: "boot-1.Example.org", tcp: 30303, udp: 30301},
		{url: full + "localhost:30303", host: "localhost", tcp: 30303, udp: 30303},
	} {
		n, err := ParseNode(test.url)
		if err != nil {
			t.Errorf("%s: %v", test.url, err)
			continue
		}
		var ip netip.Addr
		if test.ip != "" {
			ip = netip.MustParseAddr(test.ip)
		}
		if n.Host != test.host || n.IP != ip || n.TCP != test.tcp || n.UDP != test.udp {
			t.Errorf("%s: read as host %q, IP %v, ports %d %d", test.url, n.Host, n.IP, n.TCP, n.UDP)
		}
		if test.back == "" {
			test.back = test.url
		}
		if n.URL() != test.back {
			t.Errorf("%s: written as %s", test.url, n.URL())
		}
	}
}

func TestParseNodeRecord(t *testing.T) {
	n, err := ParseNode(specText + "\n")
	if err != nil {
		t.Fatal(err)
	}
	udp, hasUDP := n.UDPAddr()
	tcp, hasTCP := n.TCPAddr()
	if n.ID().String() != specID || n.Record == nil || !hasUDP || hasTCP || udp.String() != "127.0.0.1:30303" || tcp.Port() != 0 {
		t.Errorf("%v: %v %v", n, udp, tcp)
	}
}

// TestParseNodeErrors: each message names what is wrong and what to do.
func TestParseNodeErrors(t *testing.T) {
	full := "enode://" + urlKey + "@"
	for _, test := range []struct{ url, want string }{
		{"", "its key has 0 characters, want 128 hexadecimal digits; copy the whole key"},
		{"01010101", "its key has 8 characters"},
		{"enode://01010101", "its key has 8 characters"},
		{"enode://01010101@123.124.125.126:3", "its key has 8 characters"},
		{"enode://0x" + urlKey[2:], "its key has 126 characters"},
		{"enode://0x0x" + urlKey, "its key has 130 characters"},
		{"enode://" + urlKey + "/", "its key has 129 characters"},
		{strings.Replace(urlKey, "1", "g", 1), "its key is not hexadecimal; copy"},
		{"enode://" + strings.Repeat("1", 128), "its key is not a point of secp256k1; copy"},
		{"enode://" + strings.Repeat("0", 128), "its key is not a point of secp256k1; copy"},
		{"http://foobar", `its scheme is "http"; want enr: or enode://`},
		{"://foo", `its scheme is ""; want enr:`},
		{"enrtree://x@y", `its scheme is "enrtree"; want enr:`},
		{full + "127.0.0.1", "has no port; add it after the host, like :30303"},
		{full + "[::1]", "has no port"},
		{full, "has no port"},
		{full + ":30303", "has no host; add an address or a DNS name"},
		{full + "127.0.0.1:", `"" is no port; want 0 to 65535`},
		{full + "127.0.0.1:foo", `"foo" is no port`},
		{full + "127.0.0.1:+3", `"+3" is no port`},
		{full + "127.0.0.1:65536", `"65536" is no port`},
		{full + "foo.bar:3foo", `"3foo" is no port`},
		{full + "127.0.0.1:3?discport=foo", `discport: "foo" is no port`},
		{full + "127.0.0.1:3?discport=65536", `discport: "65536" is no port`},
		{full + "127.0.0.1:3?a;b", "cannot read what follows the ?; write ?discport=PORT"},
		{full + "::1:30303", "put the IPv6 address in brackets: [::1]"},
		{full + "[127.0.0.1]:1", `"[127.0.0.1]" is no IPv6 address in brackets`},
		{full + "[fe80::1%]:1", `"[fe80::1%]" is no IPv6 address in brackets`},
		{full + "[fe80::1%25]:1", `"[fe80::1%25]" is no IPv6 address in brackets`},
		{full + "[::1:1", `"[::1" is no IPv6 address in brackets`},
		{full + "300.1.2.3:1", `"300.1.2.3" is no IPv4 address; want four numbers`},
		{full + "1.2.3:1", `"1.2.3" is no IPv4 address`},
		{full + "foo bar:1", `"foo bar" is neither an IP address nor a DNS name`},
		{full + "a..b:1", `"a..b" is neither`},
		{full + strings.Repeat("a", 64) + ":1", "is neither an IP address nor a DNS name"},
		{full + strings.Repeat("a.", 127) + "a:1", "its DNS name has more than 253 characters"},
		{full + strings.Repeat("a", 2000), "more than 1024; give one node at a time"},
		{specText[:100], "copy the whole record again"},
		{"enr:!", "copy the whole record again"},
	} {
		_, err := ParseNode(test.url)
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "node \"") {
			t.Errorf("%.200s: %v, want %s", test.url, err, test.want)
		}
	}
}

func FuzzParseNode(f *testing.F) {
	f.Add("enode://" + urlKey + "@[2001:db8::1]:30303?discport=30301")
	f.Add("enode://" + urlKey + "@boot.example.org:30303")
	f.Add("enode://" + urlKey + "@[fe80::1%25a%2Fb]:30303")
	f.Add("enode://" + urlKey + "@[fe80::1%2525]:30303?discport=0")
	f.Add("enode://0x" + urlKey + "@[::ffff:1.2.3.4]:30303")
	f.Add(urlKey)
	f.Add(specText)
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ParseNode(s)
		if err != nil {
			return
		}
		again, err := ParseNode(n.URL())
		n.Record = nil // the one thing that an enode form does not tell
		if err != nil || again != n {
			t.Fatalf("%q: %v reads back as %v, %v", s, n, again, err)
		}
	})
}

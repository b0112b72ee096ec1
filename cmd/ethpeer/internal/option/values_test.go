// SPDX-License-Identifier: Apache-2.0

package option

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// xy is the public key of the private key 1.
const xy = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"

const list = "enrtree://AKA3AM6LPBYEUDMVNU3BSVQJ5AD45Y7YPOHJLEF6W26QOE4VTUDPE@nodes.example.org"

func words(value string) *Option {
	o := Of("x", value)
	o.shape = manyWord
	return o
}

// show writes a value, or else the error.
func show[V any](v V, err error) string {
	if err != nil {
		return "error: " + err.Error()
	}
	return fmt.Sprint(v)
}

// TestValues: each kind, at its edges. What begins with error is an error that contains the rest.
func TestValues(t *testing.T) {
	number := func(s string) string { return show(Number(Of("x", s), 1, 10)) }
	duration := func(s string) string { return show(Duration(Of("x", s))) }
	oneOf := func(s string) string { return show(OneOf(Of("x", s), "ab", "cd", "ef")) }
	level := func(s string) string { return show(LogLevel(Of("x", s))) }
	versions := func(s string) string { return show(Versions(words(s))) }
	identity := func(s string) string { return show(Identity(Of("x", s))) }
	listen := func(s string) string { return show(Listen(Of("x", s), Of("port", "7"))) }
	networks := func(s string) string { return show(Networks(words(s))) }
	method := func(s string) string { return show(NAT(Of("x", s))) }
	port := func(s string) string { return show(Port(Of("x", s))) }
	ip := func(s string) string { return show(IP(Of("x", s), netip.Addr.Is4, "an IPv4 address")) }
	directory := func(s string) string { return show(Directory(Of("x", s))) }
	key := strings.Repeat("4c", 32)
	for _, c := range []struct {
		read     func(string) string
		in, want string
	}{
		{number, "1", "1"},
		{number, "10", "10"},
		{number, "0", `error --x "0": want a number from 1 to 10`},
		{number, "11", "error"},
		{number, "", "error"},
		{number, "1.0", "error"},
		{number, "+1", "error"},
		{number, "0x1", "error"},
		{duration, "90s", "1m30s"},
		{duration, "1ns", "1ns"},
		{duration, "0s", "error"},
		{duration, "-1s", "error"},
		{duration, "5", "error"},
		{duration, "", `error --x "": want a duration such as 90s or 2h`},
		{oneOf, "ab", "ab"},
		{oneOf, "EF", "ef"},
		{oneOf, "", `error --x "": want ab, cd or ef`},
		{oneOf, "abc", "error"},
		{level, "debug", "DEBUG"},
		{level, "Info", "INFO"},
		{level, "warn", "WARN"},
		{level, "error", "ERROR"},
		{level, "warn+1", "error"},
		{versions, "69,eth/68,69", "[eth/69 eth/68]"},
		{versions, "", "error"},
		{versions, "69,", "[eth/69]"},
		{versions, "1", "error"},
		{versions, "eth/eth/69", "error"},
		{identity, "", ""},
		{identity, "a-b_c.1", "a-b_c.1"},
		{identity, strings.Repeat("x", MaxIdentity), strings.Repeat("x", MaxIdentity)},
		{identity, strings.Repeat("x", MaxIdentity+1), "error"},
		{identity, "a b", "error"},
		{identity, "a/b", "error"},
		{identity, "é", "error"},
		{identity, "a\x7f", "error"},
		{identity, key, "error"},
		{listen, "1.2.3.4", "1.2.3.4:7"},
		{listen, "::", "[::]:7"},
		{listen, "[::1]", "[::1]:7"},
		{listen, "::ffff:1.2.3.4", "1.2.3.4:7"},
		{listen, "fe80::1%lo", "[fe80::1%lo]:7"},
		{listen, "", ""},
		{listen, "NONE", ""},
		{listen, "localhost", "error"},
		{listen, "1.2.3.4:5", "error"},
		{networks, "10.1.2.3/8, fd00::1/8", "[10.0.0.0/8 fd00::/8]"},
		{networks, "::ffff:10.0.0.0/104", "[10.0.0.0/8]"},
		{networks, "::ffff:1.2.3.4/128", "[1.2.3.4/32]"},
		{networks, "::ffff:0.0.0.0/95", "[::fffe:0:0/95]"},
		{networks, "", "[]"},
		{networks, "10.0.0.1", "error"},
		{method, "", "none"},
		{method, "none", "none"},
		{method, "extip:203.0.113.7", "extip:203.0.113.7"},
		{method, "tunnel", "error --x: "},
		{method, "extip:" + key, `error --x "extip:` + key + `": want a method, such as`},
		{port, "", "0"},
		{port, "65535", "65535"},
		{port, "0", "error"},
		{port, "65536", "error"},
		{ip, "", "invalid IP"},
		{ip, "1.2.3.4", "1.2.3.4"},
		{ip, "::1", `error --x "::1": want an IPv4 address`},
		{ip, "::ffff:1.2.3.4", "error"},
		{ip, "x", "error"},
		{directory, "", ""},
		{directory, "a/b", "a/b"},
		{directory, key, "error --x: want the name of a directory, not a key"},
		{directory, "d" + "/" + key, "error"},
		{directory, key[:40], "error"},
	} {
		got := c.read(c.in)
		if wrong, ok := strings.CutPrefix(c.want, "error"); ok && strings.HasPrefix(got, "error: ") && strings.Contains(got, strings.TrimSpace(wrong)) {
			continue
		}
		if got != c.want {
			t.Errorf("%q: %s, want %s", c.in, got, c.want)
		}
	}
}

// write makes a file in the test's folder, which becomes the current one.
func write(t *testing.T, text string) (name string) {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.WriteFile("f", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return "f"
}

// TestNodesOfFiles: lines with comments, and JSON lists.
func TestNodesOfFiles(t *testing.T) {
	node, id := "enode://"+xy+"@127.0.0.1:1", "c0a6c424ac7157ae408398df7e5f4552091a69125d5dfcb7b8c2659029395bdf"
	for text, want := range map[string]string{
		"":                                     "[] []",
		"# none\n\n":                           "[] []",
		node + " # one\n\r\n" + node + "\r\n":  "[" + node + "] [" + id + "]",
		"\ufeff[]":                             "[] []",
		" \n[\n\"" + node + "\",\n\"\"]\n":     "[" + node + "] [" + id + "]",
		"[\"" + node + "\",\n\"enode://x\"]":   "line 2: node",
		"[\n1]":                                "line 2: want a JSON list of texts",
		"[\n[\"" + node + "\"]]":               "line 2: want a JSON list of texts",
		"[\"" + node + "\"":                    "line 1: no JSON list: it ends before its bracket",
		"[\"" + node + "\"\n\"" + node + "\"]": "line 2: no JSON list",
		"[\n] []":                              "line 2: want nothing after the JSON list",
		"\n\nenode://x":                        "line 3: node",
		"\n" + strings.Repeat("4c", 32):        "", // an ID for --trustedpeers, maybe a key for --peers
	} {
		write(t, text)
		nodes, err := Peers(words("@f"))
		ids, err2 := Trusted(words("@f"))
		got := fmt.Sprint(nodes, " ", ids)
		if err := errors.Join(err, err2); err != nil {
			got = err.Error()
		}
		if got != want && (want == "" || !strings.Contains(got, "@f, "+want)) && !strings.Contains(got, "may be a private key") {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// TestBootnodes: nil is nothing given; lists in DNS are apart.
func TestBootnodes(t *testing.T) {
	node := "enode://" + xy + "@127.0.0.1:1"
	if nodes, lists, err := Bootnodes(new(Option)); nodes != nil || lists != nil || err != nil {
		t.Errorf("%v %v %v of nothing", nodes, lists, err)
	}
	for in, want := range map[string]string{
		"":                               "0 []",
		list:                             "0 [" + list + "]",
		node + "," + list + ", " + node:  "1 [" + list + "]",
		"enrtree://x":                    "error: --x: node list",
		"enode://" + xy:                  "error: --x: node c0a6c424ac7157ae… has no UDP port",
		node + "?discport=0":             "error: --x: node c0a6c424ac7157ae… has no UDP port",
		"enode://" + xy + "@node.test:1": "1 []",
	} {
		nodes, lists, err := Bootnodes(words(in))
		got := show(fmt.Sprint(len(nodes), " ", lists), err)
		if !strings.HasPrefix(got, want) || err == nil && nodes == nil {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

// TestKeyFiles: with and without 0x; every other file is refused, and its text is not quoted.
func TestKeyFiles(t *testing.T) {
	digits := strings.Repeat("0", 63) + "1"
	for text, want := range map[string]string{
		digits: "79", "0x" + digits: "79", "0X" + digits: "79", " \n" + digits + "\r\n": "79",
		digits[1:]:                   "has 63 characters, want 64 hex digits",
		"0x" + digits[1:]:            "has 65 characters",
		"0x0x" + digits[2:]:          "no hex digits",
		"xx" + digits:                "has 66 characters",
		strings.Repeat("0", 64):      "",
		strings.Repeat("f", 64):      "",
		digits + "\n" + digits:       "has 129 characters",
		strings.Repeat(" ", 1<<10+1): "has more than 1024 bytes",
	} {
		key, warning, err := ReadKey(Of("nodekey", write(t, text)))
		switch {
		case err == nil && (warning != "" || fmt.Sprintf("%x", key.Public().Bytes())[:2] != want):
			t.Errorf("%q: %x %q", text, key.Public().Bytes(), warning)
		case err != nil && (len(want) == 2 || !strings.HasPrefix(err.Error(), "--nodekey f: ") || !strings.Contains(err.Error(), want) || HasKey(err.Error())):
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if err := os.Chmod("f", 0o640); err != nil {
		t.Fatal(err)
	}
	write(t, digits)
	if err := os.Chmod("f", 0o640); err != nil {
		t.Fatal(err)
	}
	if _, warning, err := ReadKey(Of("", "f")); err != nil || warning != "f: others can read it; chmod 600 f" {
		t.Errorf("%q, %v", warning, err)
	}
	if _, _, err := ReadKey(Of("nodekey", digits)); err == nil || HasKey(err.Error()) {
		t.Errorf("the key in place of its file: %v", err)
	}
}

// TestFiles that cannot be read say why.
func TestFiles(t *testing.T) {
	write(t, "12345")
	for name, want := range map[string]string{"none": "w: there is no such file; h", ".": "w: cannot read it: is a directory", "f": "w: has more than 4 bytes; is it the right file?"} {
		if _, err := ReadFile("w", name, 4, "h"); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	if b, err := ReadFile("w", "f", 5, "h"); string(b) != "12345" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
	if _, err := Chain(Of("chain", filepath.Join("no", "such")), "dev"); err == nil || !strings.Contains(err.Error(), "or one of mainnet, ") || !strings.HasSuffix(err.Error(), ", dev") {
		t.Error(err)
	}
	if c, err := Chain(Of("chain", "SEPOLIA")); err != nil || c.Name != "sepolia" {
		t.Error(c, err)
	}
}

// TestPeersNeedAPortAndAnAddress: a node without one of them cannot be dialled.
func TestPeersNeedAPortAndAnAddress(t *testing.T) {
	key := "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798" +
		"483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"
	for text, ok := range map[string]bool{
		"enode://" + key + "@192.0.2.1:30303":          true,
		"enode://" + key + "@node.example.org:30303":   true,
		"enode://" + key + "@192.0.2.1:0?discport=301": false,
		"enode://" + key: false,
	} {
		if nodes, err := Peers(Of("peers", text)); ok != (err == nil) || ok != (len(nodes) == 1) {
			t.Errorf("%s: %v, %v", text, nodes, err)
		}
	}
}

// TestAFileThatCannotBeOpened for another reason than that it is not there.
func TestAFileThatCannotBeOpened(t *testing.T) {
	if _, err := ReadFile("--nodekey x", "a\x00b", 10, "make one"); err == nil || !strings.HasPrefix(err.Error(), "--nodekey x: cannot read it: ") {
		t.Error(err)
	}
}

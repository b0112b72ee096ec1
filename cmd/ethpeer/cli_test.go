// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/ethpeer/ethpeer"
	"github.com/ethpeer/ethpeer/cmd/ethpeer/internal/option"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth/wire"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) {
	if life := os.Getenv(lifeVariable); life != "" {
		lifeMain(life) // we are a process that a test has started
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if builtIn != "" {
			_ = os.RemoveAll(builtIn)
		}
		os.Exit(code)
	}))
}

// files is the folder of the files that arguments name.
var files, _ = filepath.Abs("testdata/files")

// aKey is the public key of the private key 1. In arguments and golden files it is KEY.
const aKey = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// try runs a command line that must not start a node, and returns the whole dialogue.
// Like a shell it takes variables before the command.
func try(line string) string {
	env, before := map[string]string{}, ""
	for strings.HasPrefix(line, option.VariablePrefix) {
		word, rest, _ := strings.Cut(line, " ")
		name, value, _ := strings.Cut(word, "=")
		env[name] = value
		before, line = before+word+" ", rest
	}
	words := strings.Fields(strings.ReplaceAll(line, "KEY", aKey))
	for i, word := range words {
		words[i] = strings.Trim(word, "'")
	}
	code, out, err := runIn(env, words...)
	text := fmt.Sprintf("$ %sethpeer %s\n%s%s", before, line, out, strings.ReplaceAll(err, aKey, "KEY"))
	if strings.Count(err, "\n") > 1 {
		text += "NOT ONE LINE\n"
	}
	text = strings.ReplaceAll(text, "want some of "+option.VersionList(option.Offered()), "want some of OFFERED")
	return fmt.Sprintf("%sexit %d\n\n", text, code)
}

// runIn runs a command line that must not start a node.
func runIn(env map[string]string, args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	p := program{out: &out, err: &err, env: env, newNode: func(settings) (node, error) {
		panic("a node was started")
	}}
	code = p.run(args)
	return code, out.String(), err.String()
}

// TestWrongUse holds every refusal: one line that says what is wrong and what to do, and
// exit code 2.
func TestWrongUse(t *testing.T) {
	var b strings.Builder
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(files)
	for _, args := range []string{
		"wach", "frobnicate", "watch now", "version now", "config now", "help wach", "help watch now", "help key nwe", "help version now",
		"completion", "completion tcsh", "completion bash zsh", "key old", "key new", "key new a b", "key new ''",
		"key new good.key", "key new none/new.key", "key new .",
		"watch --nope", "watch --maxpeer 3", "watch --log_level info", "watch -json", "watch -j", "watch --port", "watch --all=perhaps",
		"watch --chain ropsten", "watch --chain ''", "watch --chain .", "watch --chain wrong-genesis.json", "watch --chain broken-genesis.json",
		"watch --networkid x", "watch --networkid 0", "watch --networkid 18446744073709551616",
		"watch --nodekey none.key", "watch --nodekey short.key", "watch --nodekey letters.key", "watch --nodekey zero.key",
		"watch --nodekey long.key", "watch --nodekey .", "watch --nodekey empty.key", "watch --chain empty.json",
		"watch --peers enode://KEY", "watch --peers enode://KEY@127.0.0.1", "watch --peers enode://KEY@127.0.0.1:0",
		"watch --peers enode://KEY@127.0.0.1:1,enode://beef@127.0.0.1:1", "watch --peers http://127.0.0.1", "watch --peers enr:abc",
		"watch --peers @none.txt", "watch --peers @wrong-nodes.txt", "watch --peers \x1b[2J\u202e\xff",
		"watch --addr localhost", "watch --addr '' --nodiscover", "watch --port 65536", "watch --port ''", "watch --maxpeers ''", "watch --eth ''", "watch --log-level ''",
		"watch --log-format ''", "watch --all=", "ETHPEER_PORT= watch", "ETHPEER_ETH= watch", "ETHPEER_ALL= watch", "crawl --bootnodes ''", "crawl --time ''", "crawl --workers ''",
		"bootnode --addr ''", "ping --count '' enode://KEY@127.0.0.1:1", "enr encode --nodekey good.key --seq ''", "ETHPEER_WORKERS=0 crawl", "ETHPEER_COUNT=x ping enode://KEY@127.0.0.1:1",
		"ETHPEER_BOOTNODES= crawl", "ETHPEER_SEQ=x enr encode --nodekey good.key", "watch --port -1", "watch --addr none --nodiscover",
		"watch --maxpeers 0", "watch --maxpeers many",
		"watch --trustedpeers abcd", "watch --trustedpeers @none.txt", "watch --trustedpeers @wrong-nodes.txt", "watch --trustedpeers 0x0xKEY",
		"watch --netrestrict 10.0.0.1", "watch --netrestrict 10.0.0.0/8,10.0.0.0/33",
		"watch --nat upnp:1", "watch --nat pmp:::1", "watch --nat stun:", "watch --nat extip", "watch --nat extip:0.0.0.0", "watch --nat extip:example.org", "watch --nat tunnel:1.2.3.4",
		"watch --identity a/b", "watch --identity " + strings.Repeat("x", option.MaxIdentity+1),
		"watch --bootnodes enode://KEY", "watch --bootnodes enrtree://nonsense", "watch --bootnodes enrtree://AKA3AM6LPBYEUDMVNU3BSVQJ5AD45Y7YPOHJLEF6W26QOE4VTUDPE@nodes.example.org --discovery.dns=false",
		"bootnode --bootnodes enrtree://nonsense", "crawl --bootnodes enrtree://nonsense", "watch --peers @wrong-list.json", "watch --peers @open-list.json", "watch --peers @more-list.json", "watch --peers @number-list.json",
		"watch --bootnodes enode://KEY@127.0.0.1:0", "watch --bootnodes @none.txt", "watch --discovery.port udp",
		"watch --discovery.v4=perhaps", "watch --datadir good.key", "ETHPEER_DISCOVERY_V5=perhaps watch",
		"ping", "ping a b", "ping enode://beef", "ping enode://KEY", "ping enode://KEY,enode://KEY@127.0.0.1:1", "ping --count 0 enode://KEY@127.0.0.1:1",
		"ping --addr here enode://KEY@127.0.0.1:1", "ping --nodekey none.key enode://KEY@127.0.0.1:1",
		"crawl now", "crawl --time soon", "crawl --time -1s", "crawl --workers 0", "crawl --addr none", "crawl --chain ropsten", "crawl --chain genesis.json",
		"crawl --bootnodes enode://KEY", "crawl --netrestrict here",
		"bootnode now", "bootnode --addr none", "bootnode --discovery.v4=false --discovery.v5=false", "bootnode --nat tunnel", "bootnode --port x",
		"key generate", "key generate good.key", "key generate --out good.key", "key inspect", "key inspect none.key", "key inspect short.key",
		"enr decode", "enr decode junk", "enr decode enr:abc", "enr decode enode://KEY@127.0.0.1:1", "enr encode", "enr encode --nodekey none.key",
		"enr encode --nodekey good.key --ip ::1", "enr encode --nodekey good.key --ip6 1.1.1.1", "enr encode --nodekey good.key --tcp 0",
		"enr encode --nodekey good.key --eth 1,2", "enr encode --nodekey good.key --seq -1",
		"watch --eth 62", "watch --eth 71,x", "watch --eth eth", "watch --log-level loud", "watch --log-format xml",
		"watch --history none", "watch --history 0", "watch --history -1", "run --history full", "run --history headers", "run --history 100001", "run now",
		"watch --head ''", "watch --head best", "watch --head fixed", "watch --head fixed:abc", "watch --head peers:3", "watch --head gossip", "watch --head engine", "watch --head light",
		"watch --head peers --engine 127.0.0.1", "watch --head peers --beacon http://127.0.0.1", "watch --chain genesis.json --engine 127.0.0.1 --jwt-secret good.key",
		"watch --quorum 0", "watch --quorum x", "watch --engine here:1", "watch --engine 127.0.0.1:70000", "watch --engine 127.0.0.1",
		"watch --engine 127.0.0.1 --jwt-secret " + strings.Repeat("ab", 32), "watch --beacon ftp://a --checkpoint " + strings.Repeat("1", 64), "watch --beacon 127.0.0.1:5052", "watch --beacon http://127.0.0.1:5052",
		"watch --checkpoint 0x1234", "watch --required-block 1", "watch --required-block x=" + strings.Repeat("1", 64), "watch --required-block 1=abc",
		"watch --required-block 1=" + strings.Repeat("1", 64) + ",1=" + strings.Repeat("2", 64), "watch --fork amsterdam", "watch --fork amsterdam=soon", "watch --fork =1", "watch --fork osaka=1,osaka=2",
		"watch --forks-from here", "watch --forks-from http://a,http://b", "watch --chain dev --fork osaka=1", "watch --seals maybe", "watch --seals ''",
		"status", "status now", "status --datadir " + strings.Repeat("ab", 32),
		"watch --config none.toml", "watch --config .", "watch --config good.key", "watch --config unknown-key.toml",
		"watch --config section.toml", "watch --config in-table.toml", "watch --config empty-table.toml", "watch --config dotted.toml", "watch --config nonsense-key.toml", "watch --config nested.toml",
		"watch --config real.toml", "watch --config list.toml", "watch --config lists.toml", "watch --config text.toml", "watch --config truth.toml",
		"watch --config twice.toml", "watch --config no-equals.toml", "watch --config no-value.toml", "watch --config no-quotes.toml",
		"watch --config wrong-port.toml", "watch --config wrong-peers.toml", "watch --config key-in-it.toml", "config --config wrong-port.toml",
		"ETHPEER_CONFIG=none.toml watch", "ETHPEER_PORT=tcp://10.0.0.7:80 watch", "ETHPEER_ALL=perhaps watch", "ETHPEER_NODEKEY=none.key watch",
		"ETHPEER_LOG_LEVEL=loud watch", "ETHPEER_PEERS=@wrong-nodes.txt watch", "ETHPEER_ADDR=none watch --nodiscover",
	} {
		text := try(args)
		if !strings.HasSuffix(text, "\nexit 2\n\n") {
			t.Errorf("not refused with exit code 2:\n%s", text)
		}
		fmt.Fprint(&b, strings.NewReplacer("\x1b", "␛", "\u202e", "<U+202E>", "\xff", "<FF>").Replace(text))
	}
	t.Chdir(dir)
	golden(t, "wrong-use.golden", b.String())
}

func TestHelp(t *testing.T) {
	golden(t, "help.golden", allHelp())
	for same, as := range map[string]string{"help watch": "watch --help", "help": "--help", "--version": "version", "-v": "version", "help key new": "key new -h"} {
		_, got, _ := strings.Cut(try(same), "\n")
		if _, want, _ := strings.Cut(try(as), "\n"); got != want {
			t.Errorf("%s says %q, want what %s says", same, got, as)
		}
	}
}

func allHelp() (all string) {
	for _, args := range []string{
		"", "run --help", "status --help", "import --help", "export --help", "watch --help", "config --help", "key", "key new --help", "key generate --help", "key inspect --help",
		"ping --help", "crawl --help", "bootnode --help", "enr", "enr decode --help", "enr encode --help", "completion --help", "help --help", "version --help",
	} {
		all += try(args)
	}
	return all
}

func TestHelpIsNoWiderThanAScreen(t *testing.T) {
	for line := range strings.Lines(allHelp()) {
		if limit := 105; len(line) > limit {
			t.Errorf("%d columns, want at most %d: %s", len(line), limit, line)
		}
	}
}

func TestVersion(t *testing.T) {
	if text := try("version"); !strings.HasPrefix(text, "$ ethpeer version\nethpeer ") || !strings.HasSuffix(text, "exit 0\n\n") {
		t.Error(text)
	}
	info := &debug.BuildInfo{}
	info.Settings = []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef"}}
	if text := versionText("1.2.3", info); !strings.HasPrefix(text, "ethpeer 1.2.3 commit 0123456789ab go") {
		t.Error(text)
	}
	if text := versionText("1.2.3", nil); !strings.HasPrefix(text, "ethpeer 1.2.3 go") {
		t.Error(text)
	}
}

// settingsOf returns the settings of watch for the arguments.
func settingsOf(t *testing.T, args ...string) settings {
	t.Helper()
	t.Chdir(files)
	var got settings
	var stderr bytes.Buffer
	p := program{out: &bytes.Buffer{}, err: &stderr, newNode: func(s settings) (node, error) {
		got = s
		return nil, fmt.Errorf("this is far enough")
	}}
	if p.run(append([]string{"watch"}, args...)); !strings.Contains(stderr.String(), "far enough") {
		t.Fatal(stderr.String())
	}
	return got
}

func TestDefaults(t *testing.T) {
	s := settingsOf(t)
	if s.chain.Name != "mainnet" || s.networkID != 0 || s.key != nil || s.listen != "0.0.0.0:30303" || s.nat.String() != "any" || !s.discovery.V4 || !s.discovery.V5 || !s.discovery.DNS || s.discovery.Listen != "0.0.0.0:30303" || s.discovery.Bootnodes != nil || s.trustedOnly || s.dataDir != "" ||
		s.maxPeers != 50 || len(s.static) != 0 || len(s.trusted) != 0 || s.logJSON || len(s.netRestrict) != 0 || s.identity != "" || s.all || s.json || s.logLevel != slog.LevelInfo {
		t.Errorf("%+v", s)
	}
	if diff := cmp.Diff(wire.Supported(), s.versions); diff != "" {
		t.Errorf("versions (-want +got):\n%s", diff)
	}
}

func TestEveryFlag(t *testing.T) {
	s := settingsOf(t, "--chain", "genesis.json", "--networkid", "18446744073709551615", "--nodekey", "good.key",
		"--peers", "@nodes.txt,enode://"+aKey+"@example.org:1", "--peers", "", "--addr", "[::1]", "--port", "0", "--maxpeers", "7",
		"--netrestrict", "10.1.2.3/8, fd00::/8", "--netrestrict", "127.0.0.0/8", "--nodiscover", "--identity", "sentry-1",
		"--nat", "extip:203.0.113.7", "--eth", "69,eth/68", "--eth", "69", "--all", "--json", "--log-level", "Debug", "--log-format", "JSON",
		"--trustedpeers", "@nodes.txt,0x"+strings.Repeat("4C", 32), "--trustedpeers", "enode://"+aKey)
	if s.chain.ChainID != 1337 || s.networkID != 1<<64-1 || s.key.Public().Bytes()[0] != 0x79 || s.listen != "[::1]:0" ||
		s.nat.String() != "extip:203.0.113.7" || s.maxPeers != 7 || s.identity != "sentry-1" ||
		!s.all || !s.json || s.logLevel != slog.LevelDebug || !s.logJSON {
		t.Errorf("%+v", s)
	}
	if len(s.static) != 1 || s.static[0].URL() != "enode://"+aKey+"@127.0.0.1:30303" {
		t.Errorf("peers %v, want one", s.static)
	}
	if len(s.trusted) != 2 || s.trusted[0] != s.static[0].ID() || s.trusted[1] != enr.ID(bytes.Repeat([]byte{0x4c}, 32)) {
		t.Errorf("trusted %v, want the peer and the ID", s.trusted)
	}
	if diff := cmp.Diff([]wire.Version{69, 68}, s.versions); diff != "" {
		t.Errorf("versions (-want +got):\n%s", diff)
	}
	if got := fmt.Sprint(s.netRestrict); got != "[10.0.0.0/8 fd00::/8 127.0.0.0/8]" {
		t.Errorf("networks %s", got)
	}
}

// TestEmptyMeansNone: a setting that is given and empty is none or an error, never the default, by flag,
// variable or file.
func TestEmptyMeansNone(t *testing.T) {
	const refused = "refused"
	want := map[string]string{ // what config prints; what takes no value must be a table row, too
		"chain": refused, "networkid": `""`, "peers": "[]", "trustedpeers": "[]", "nodekey": `""`, "addr": `""`, "port": refused,
		"maxpeers": refused, "netrestrict": "[]", "trusted-only": refused, "nodiscover": refused, "discovery.v4": refused,
		"discovery.v5": refused, "discovery.dns": refused, "discovery.port": `""`, "bootnodes": "[]", "datadir": `""`,
		"identity": `""`, "nat": `""`, "eth": refused, "all": refused, "candidates": refused, "json": refused,
		"log-level": refused, "log-format": refused,
		"history": `""`, "head": refused, "quorum": `""`, "engine": `""`, "jwt-secret": `""`, "beacon": "[]", "checkpoint": `""`, "checkpoint-any-age": refused, "beacon-network": `""`,
		"required-block": "[]", "fork": "[]", "forks-from": `""`, "seals": refused,
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(samples)), slices.Sorted(maps.Keys(want))); diff != "" {
		t.Fatalf("rows of flags (-samples +want):\n%s", diff)
	}
	file := filepath.Join(t.TempDir(), "c.toml")
	for name, want := range want {
		if err := os.WriteFile(file, []byte(name+" = \"\"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, from := range []struct {
			env  map[string]string
			args []string
			by   string
		}{
			{nil, []string{"--" + name + "="}, "--" + name},
			{map[string]string{option.VariableOf(name): ""}, nil, option.VariableOf(name)},
			{nil, []string{"--config", file}, file + ", line 1"},
		} {
			code, out, stderr := runIn(from.env, append([]string{"config"}, from.args...)...)
			if want == refused {
				if code != exitUsage || !strings.HasPrefix(stderr, "ethpeer: "+from.by) {
					t.Errorf("%s by %s: exit %d, %q; want a refusal", name, from.by, code, stderr)
				}
				continue
			}
			if line := fmt.Sprintf("\n%-32s # %s\n", name+" = "+want, from.by); code != exitOK || !strings.Contains(out, line) {
				t.Errorf("%s by %s: exit %d, %s%s; want a line %q", name, from.by, code, stderr, out, line)
			}
		}
	}
}

// TestEmptyValuesOfSettings: the node's settings for empty values.
func TestEmptyValuesOfSettings(t *testing.T) {
	s := settingsOf(t, "--bootnodes", "", "--nat", "", "--addr", "", "--peers", "")
	if d := s.discovery; d.Bootnodes == nil || len(d.Bootnodes) != 0 || d.Lists != nil || !d.DNS {
		t.Errorf("discovery %+v: nil bootnodes are the chain's", d)
	}
	if s.nat.Asks() || s.listen != "" || len(s.static) != 0 {
		t.Errorf("%+v", s)
	}
}

// TestListsAmongBootnodes: an enrtree:// URL is a list to read in place of the chain's.
func TestListsAmongBootnodes(t *testing.T) {
	const list = "enrtree://AKA3AM6LPBYEUDMVNU3BSVQJ5AD45Y7YPOHJLEF6W26QOE4VTUDPE@nodes.example.org"
	d := settingsOf(t, "--bootnodes", list+",enode://"+aKey+"@127.0.0.1:1").discovery
	if len(d.Bootnodes) != 1 || !slices.Equal(d.Lists, []string{list}) {
		t.Errorf("%+v", d)
	}
}

// TestListsAmongBootnodesOfOtherCommands: crawl and bootnode take them as watch does, beside nodes.
func TestListsAmongBootnodesOfOtherCommands(t *testing.T) {
	const list = "enrtree://AKA3AM6LPBYEUDMVNU3BSVQJ5AD45Y7YPOHJLEF6W26QOE4VTUDPE@nodes.example.org"
	given := *option.Of("bootnodes", list+",enode://"+aKey+"@127.0.0.1:1")
	crawls := crawlFlags{bootnodes: given}
	if nodes, lists, err := crawls.start(false); err != nil || len(nodes) != 1 || !slices.Equal(lists, []string{list}) {
		t.Errorf("crawl: %v, %v, %v", nodes, lists, err)
	}
	crawls.bootnodes = *option.Of("bootnodes", list)
	if nodes, lists, err := crawls.start(true); err != nil || len(nodes) != 0 || !slices.Equal(lists, []string{list}) {
		t.Errorf("crawl, a list alone: %v, %v, %v", nodes, lists, err)
	}
	on := *option.Of("", "true")
	boot := bootnodeFlags{
		bootnodes: given, v4: on, v5: on, addr: *option.Of("addr", "127.0.0.1"), port: *option.Of("port", "0"), nat: *option.Of("nat", "none"),
		log: logFlags{level: *option.Of("log-level", "info"), format: *option.Of("log-format", "text")},
	}
	s, err := boot.settings()
	if err != nil || len(s.discovery.Bootnodes) != 1 || !slices.Equal(s.discovery.Lists, []string{list}) {
		t.Errorf("bootnode: %+v, %v", s.discovery, err)
	}
}

// TestFilesOfOtherClients: geth's lists of nodes, and key files with 0x.
func TestFilesOfOtherClients(t *testing.T) {
	s := settingsOf(t, "--peers", "@static-nodes.json", "--trustedpeers", "@static-nodes.json", "--bootnodes", "@static-nodes.json", "--nodekey", "prefixed.key")
	if len(s.static) != 1 || len(s.trusted) != 1 || len(s.discovery.Bootnodes) != 1 || s.static[0].UDP != 2 {
		t.Errorf("static %v, trusted %v, bootnodes %v", s.static, s.trusted, s.discovery.Bootnodes)
	}
	if s.key.Public().Bytes()[0] != 0x79 {
		t.Error("another key")
	}
}

// TestMappedAddresses: an IPv4 address in IPv6 form is an IPv4 address.
func TestMappedAddresses(t *testing.T) {
	s := settingsOf(t, "--addr", "::ffff:127.0.0.1", "--netrestrict", "::ffff:10.0.0.0/104", "--peers", "enode://"+aKey+"@[::ffff:10.1.2.3]:1")
	if s.listen != "127.0.0.1:30303" || fmt.Sprint(s.netRestrict) != "[10.0.0.0/8]" || !s.netRestrict[0].Contains(s.static[0].IP.Unmap()) {
		t.Errorf("listens at %s, networks %v, peers %v", s.listen, s.netRestrict, s.static)
	}
}

// TestTablesOfTheFile: [discovery] and discovery = {…} are discovery.….
func TestTablesOfTheFile(t *testing.T) {
	for _, file := range []string{"discovery.toml", "inline.toml"} {
		if d := settingsOf(t, "--config", file).discovery; d.V4 || !d.V5 || d.Listen != "0.0.0.0:7" {
			t.Errorf("%s: %+v", file, d)
		}
	}
}

// TestStaticIsNotTrusted: neither list affects the other.
func TestStaticIsNotTrusted(t *testing.T) {
	const url = "enode://" + aKey + "@127.0.0.1:1"
	s := settingsOf(t, "--peers", url)
	if c := s.config(); len(c.Static) != 1 || len(c.Trusted) != 0 {
		t.Errorf("static %v, trusted %v", c.Static, c.Trusted)
	}
}

func TestTrustedIsNotStatic(t *testing.T) {
	const url = "enode://" + aKey + "@127.0.0.1:1"
	s := settingsOf(t, "--trustedpeers", url)
	if c := s.config(); len(c.Static) != 0 || len(c.Trusted) != 1 {
		t.Errorf("static %v, trusted %v", c.Static, c.Trusted)
	}
}

// Parts of a genesis file that are not supported are reported at the start.
func TestWarningsOfTheGenesisFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bor.json")
	if err := os.WriteFile(file, []byte(`{"config": {"chainId": 9, "bor": {}}, "difficulty": "1", "gasLimit": "1", "alloc": {}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	s := settingsOf(t, "--chain", file)
	if len(s.warnings) != 1 || !strings.HasPrefix(s.warnings[0], "genesis file: config.bor: Polygon's nodes") {
		t.Errorf("warnings %q", s.warnings)
	}
}

// The program warns at the start if more nodes are named than are dialled at a time.
func TestMoreNodesThanAreDialled(t *testing.T) {
	one := "enode://" + aKey + "@127.0.0.1:1"
	for _, most := range []string{"1", "50"} {
		if s := settingsOf(t, "--peers", one, "--maxpeers", most); len(s.warnings) != 0 {
			t.Errorf("--maxpeers %s: %v", most, s.warnings)
		}
	}
	s := settings{maxPeers: 50}
	for n := range byte(17) {
		key, err := ecc.ParsePrivateKey(append(make([]byte, 31), n+1))
		if err != nil {
			t.Fatal(err)
		}
		s.static = append(s.static, enr.Node{Key: key.Public()})
	}
	if w := s.tooMany(); w != "17 nodes are named, but with --maxpeers 50 only 16 places are for nodes that we dial: one that is lost may wait; try --maxpeers 51" {
		t.Errorf("17 of 50: %q", w)
	}
	s.static[16] = s.static[0]
	if w := s.tooMany(); w != "" {
		t.Errorf("16 of 50, one of them twice: %q", w)
	}
}

// TestEthTakesWhatTheNodeOffers: --eth and the node have one list of versions.
func TestEthTakesWhatTheNodeOffers(t *testing.T) {
	for v := range wire.Version(100) {
		fs := []string{"config", "--eth", strconv.Itoa(int(v))}
		if code, _, _ := runIn(nil, fs...); (code == exitOK) != ethpeer.Offers(v) {
			t.Errorf("--eth %d: exit code %d, and the node offers it: %v", v, code, ethpeer.Offers(v))
		}
	}
}

func TestNotListening(t *testing.T) {
	if s := settingsOf(t, "--addr", "none", "--peers", "enode://"+aKey+"@127.0.0.1:1"); s.listen != "" {
		t.Errorf("listens on %q", s.listen)
	}
}

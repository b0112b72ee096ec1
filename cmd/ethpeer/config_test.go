// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ethpeer/ethpeer/cmd/ethpeer/internal/option"
	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// given3 are three values of an option, each unlike its default: for the file, as TOML,
// and for the variable and the flag, as text.
type given3 struct{ file, variable, flag string }

// samples has a row for every flag; TestPrecedence insists.
var samples = map[string]given3{
	"chain":        {`"sepolia"`, "hoodi", "classic"},
	"networkid":    {`5`, "6", "7"},
	"peers":        {`["@a", "@b"]`, "@c,@d", "@e"},
	"trustedpeers": {`["@a", "@b"]`, "@c", "@d"},
	"nodekey":      {`"a.key"`, "b.key", "c.key"},
	"addr":         {`"::"`, "127.0.0.1", "none"},
	"port":         {`1`, "2", "3"},
	"maxpeers":     {`1`, "2", "3"},
	"netrestrict":  {`"10.0.0.0/8,fd00::/8"`, "10.1.0.0/16", "10.2.0.0/16"},
	"nodiscover":   {`true`, "false", "true"},
	"identity":     {`"a"`, "b", "c"},
	"trusted-only": {`true`, "false", "true"},
	"datadir":      {`"a"`, "b", "c"},
	"bootnodes":    {`["@a", "@b"]`, "@c,@d", "@e"},
	"candidates":   {`true`, "false", "true"},

	"discovery.v4":   {`false`, "true", "false"},
	"discovery.v5":   {`false`, "true", "false"},
	"discovery.dns":  {`false`, "true", "false"},
	"discovery.port": {`1`, "2", "3"},

	"history":            {`"full"`, "headers", "7"},
	"head":               {`"gossip"`, "gossip,fixed:0x1111111111111111111111111111111111111111111111111111111111111111", "peers"},
	"quorum":             {`2`, "4", "5"},
	"engine":             {`"127.0.0.1:1"`, "127.0.0.1:2", "127.0.0.1"},
	"jwt-secret":         {`"a"`, "b", "c"},
	"beacon":             {`["http://a", "http://b"]`, "http://c", "http://d,https://e"},
	"checkpoint":         {`"0x1111111111111111111111111111111111111111111111111111111111111111"`, "0x2222222222222222222222222222222222222222222222222222222222222222", "0x3333333333333333333333333333333333333333333333333333333333333333"},
	"checkpoint-any-age": {`true`, "false", "true"},
	"beacon-network":     {`"mainnet"`, "sepolia", "hoodi"},
	"required-block":     {`["1=0x1111111111111111111111111111111111111111111111111111111111111111"]`, "1=0x2222222222222222222222222222222222222222222222222222222222222222", "2=0x3333333333333333333333333333333333333333333333333333333333333333"},
	"fork":               {`["amsterdam=1"]`, "amsterdam=2", "osaka=3,amsterdam=4"},
	"forks-from":         {`"http://a"`, "http://b", "http://c"},
	"seals":              {`"off"`, "test", "OFF"},

	"nat":        {`"extip:1.1.1.1"`, "extip:2.2.2.2", "extip:3.3.3.3"},
	"eth":        {`[68]`, "69", "70"},
	"all":        {`true`, "0", "true"},
	"json":       {`true`, "f", "1"},
	"log-level":  {`"error"`, "warn", "debug"},
	"log-format": {`"json"`, "JSON", "Json"},
}

// filled returns the options of config, filled from the command line, variables and a file.
func filled(t *testing.T, env map[string]string, args ...string) (map[string]*option.Option, error) {
	t.Helper()
	var f flags
	cmd := &cobra.Command{}
	set := option.For(cmd)
	f.define(set)
	if err := cmd.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	err := set.Fill(env)
	all := map[string]*option.Option{}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if o, ok := f.Value.(*option.Option); ok {
			all[o.Name] = o
		}
	})
	return all, err
}

// TestPrecedence: one rule holds for every flag: flag, variable, file, default.
func TestPrecedence(t *testing.T) {
	defaults, _ := filled(t, nil)
	delete(defaults, "config") // says where the file is; TestWhereTheFileIs
	if diff := cmp.Diff(slices.Sorted(maps.Keys(samples)), slices.Sorted(maps.Keys(defaults))); diff != "" {
		t.Fatalf("samples of flags (-samples +flags):\n%s", diff)
	}
	for name, sample := range samples {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "c.toml")
			if err := os.WriteFile(file, fmt.Appendf(nil, "\n%s = %s\n", name, sample.file), 0o600); err != nil {
				t.Fatal(err)
			}
			variable := option.VariableOf(name)
			try := func(by option.Source, env map[string]string, args ...string) string {
				t.Helper()
				all, err := filled(t, env, args...)
				if err != nil {
					t.Fatal(err)
				}
				for other, o := range all {
					if want := defaults[other]; other != name && want != nil && !cmp.Equal(o.Values, want.Values) {
						t.Errorf("%s changed too: %q", other, o.Values)
					}
				}
				o := all[name]
				if o.From.By != by || (by == option.ByFile && o.From != option.Origin{By: option.ByFile, File: file, Line: 2}) {
					t.Errorf("it comes from %+v, want source %d", o.From, by)
				}
				return o.String()
			}
			env := map[string]string{variable: sample.variable}
			config := []string{"--config", file}
			flag := "--" + name + "=" + sample.flag

			fromDefault := try(option.ByDefault, nil)
			fromFile := try(option.ByFile, nil, config...)
			fromVariable := try(option.ByVariable, env)
			fromFlag := try(option.ByFlag, nil, flag)
			if fromFile == fromDefault || fromVariable == fromFile || fromFlag == fromVariable {
				t.Fatalf("values that tell nothing: %q %q %q %q", fromDefault, fromFile, fromVariable, fromFlag)
			}
			for _, c := range []struct {
				what, got, want string
			}{
				{"file and variable", try(option.ByVariable, env, config...), fromVariable},
				{"file and flag", try(option.ByFlag, nil, append(config, flag)...), fromFlag},
				{"variable and flag", try(option.ByFlag, env, flag), fromFlag},
				{"all three", try(option.ByFlag, env, append(config, flag)...), fromFlag},
			} {
				if c.got != c.want {
					t.Errorf("%s: %q, want %q", c.what, c.got, c.want)
				}
			}
		})
	}
}

// TestWhereTheFileIs: of --config itself, flag wins over variable; an empty one is none.
func TestWhereTheFileIs(t *testing.T) {
	t.Chdir(files)
	env := map[string]string{"ETHPEER_CONFIG": "good.toml"}
	for _, c := range []struct {
		env  map[string]string
		args []string
		want string
	}{
		{nil, nil, "30303"},
		{env, nil, "1000"},
		{env, []string{"--config", "empty.toml"}, "30303"},
		{env, []string{"--config", ""}, "30303"},
		{nil, []string{"--config", "unknown-key.toml", "--config", "good.toml"}, "1000"},
	} {
		all, err := filled(t, c.env, c.args...)
		if err != nil || all["port"].Text() != c.want {
			t.Errorf("%v %v: port %s, %v; want %s", c.env, c.args, all["port"].Text(), err, c.want)
		}
	}
}

// TestEmptyFlagWins: an empty flag removes the list of the file or of a variable.
func TestEmptyFlagWins(t *testing.T) {
	all, err := filled(t, map[string]string{"ETHPEER_PEERS": "@a"}, "--peers", "")
	if err != nil || len(all["peers"].List()) > 0 {
		t.Errorf("peers %q, %v", all["peers"].List(), err)
	}
}

// TestConfigReadsItselfBack: what config prints is a file that means the same.
func TestConfigReadsItselfBack(t *testing.T) {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(files)
	env := map[string]string{"ETHPEER_MAXPEERS": "7", "ETHPEER_IDENTITY": `a"\b`, "ETHPEER_NETRESTRICT": "10.0.0.0/8, fd00::/8"}
	args := []string{"config", "--config", "good.toml", "--networkid", "18446744073709551615", "--nodekey=good.key", "--log-level", "error"}
	code, first, stderr := runIn(env, args...)
	if code != exitOK || stderr != "" {
		t.Fatal(code, stderr)
	}
	t.Chdir(dir)
	golden(t, "config.golden", first)
	t.Chdir(files)
	file := filepath.Join(t.TempDir(), "c.toml")
	if err := os.WriteFile(file, []byte(first), 0o600); err != nil {
		t.Fatal(err)
	}
	code, second, stderr := runIn(nil, "config", "--config", file)
	if code != exitOK {
		t.Fatal(code, stderr)
	}
	if diff := cmp.Diff(withoutOrigins(first), withoutOrigins(second)); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}

func withoutOrigins(text string) (lines []string) {
	for line := range strings.Lines(text) {
		value, _, _ := strings.Cut(line, " # ")
		lines = append(lines, strings.TrimSpace(value))
	}
	return lines
}

// TestUnknownVariables: an unknown variable is a warning only, because another program may have set it. Those
// of other commands are known.
func TestUnknownVariables(t *testing.T) {
	code, _, stderr := runIn(map[string]string{
		"ETHPEER_MAXPEER": "1", "ETHPEER_PORT_30303_TCP_ADDR": "10.0.0.7", "ETHPEERS": "1", "PORT": "2", "ETHPEER_LOGLEVEL": "warn", "ETHPEER_HELP": "1",
		"ETHPEER_WORKERS": "7", "ETHPEER_COUNT": "2",
	}, "config")
	var got []string
	for line := range strings.Lines(stderr) {
		_, text, _ := strings.Cut(line, "msg=")
		got = append(got, strings.Trim(text, "\"\n"))
	}
	want := []string{
		"the variable ETHPEER_HELP sets nothing",
		"the variable ETHPEER_LOGLEVEL sets nothing; did you mean ETHPEER_LOG_LEVEL?",
		"the variable ETHPEER_MAXPEER sets nothing; did you mean ETHPEER_MAXPEERS?",
		"the variable ETHPEER_PORT_30303_TCP_ADDR sets nothing",
	}
	if diff := cmp.Diff(want, got); diff != "" || code != exitOK {
		t.Errorf("exit code %d (-want +got):\n%s", code, diff)
	}
}

// FuzzConfig: any file is refused in one sentence that names a line, or is read.
func FuzzConfig(f *testing.F) {
	f.Add([]byte("port = 1\npeers = [\"a\", 2]\nall = true\n"))
	f.Add([]byte("a.b = {c = [1, {d = 2}]}\n[x]\n[[y]]\n"))
	f.Add([]byte("\xef\xbb\xbfport = \"\"\"\n1\"\"\"\r\n"))
	file := filepath.Join(f.TempDir(), "c.toml")
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		all, err := filled(t, nil, "--config", file)
		if err != nil {
			if s := oneLine(err); !strings.Contains(s, "c.toml, line ") {
				t.Errorf("names no line: %s", s)
			}
			return
		}
		for _, o := range all {
			if o.From.By == option.ByFile && (o.From.Line < 1 || o.From.Line > 1+strings.Count(string(b), "\n")) {
				t.Errorf("%s is at line %d", o.Name, o.From.Line)
			}
		}
	})
}

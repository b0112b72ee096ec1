// SPDX-License-Identifier: Apache-2.0

package option

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

// five are options of every shape.
type five struct{ word, list, no, yes, dotted, file Option }

func (f *five) set(cmd *cobra.Command) *Set {
	s := For(cmd)
	s.Word(&f.word, "word", "TEXT", "w", "a word")
	s.Words(&f.list, "list", "TEXTS", "", "a list")
	s.No(&f.no, "no", "off")
	s.Yes(&f.yes, "yes", "on")
	s.Word(&f.dotted, "a.b", "N", "1", "in a table")
	s.File(&f.file, "config", "FILE", "a file")
	return s
}

// read gives the five their values by flags, variables and a file.
func read(t *testing.T, env map[string]string, toml string, args ...string) (f *five, s *Set, err error) {
	t.Helper()
	f, cmd := new(five), &cobra.Command{SilenceErrors: true}
	s = f.set(cmd)
	if toml != "" {
		file := filepath.Join(t.TempDir(), "c.toml")
		if err := os.WriteFile(file, []byte(toml), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "--config", file)
	}
	if err := cmd.ParseFlags(args); err != nil {
		return f, s, err
	}
	return f, s, s.Fill(env)
}

// TestRule: a flag wins over a variable, a variable over the file, the file over the default. The winner's
// value replaces all others, even if it is empty.
func TestRule(t *testing.T) {
	const all = "word = \"f\"\nlist = [\"f1\", 2]\nno = true\nyes = false\n[a]\nb = 7\n"
	variables := map[string]string{"ETHPEER_WORD": "v", "ETHPEER_LIST": "v1, v2,", "ETHPEER_NO": "1", "ETHPEER_YES": "F", "ETHPEER_A_B": "8"}
	empty := map[string]string{"ETHPEER_WORD": "", "ETHPEER_LIST": ""}
	flags := []string{"--word", "x", "--word", "y", "--list", "x1,x2", "--list", "x3", "--no=false", "--yes", "--a.b=9"}
	for name, c := range map[string]struct {
		env  map[string]string
		toml string
		args []string
		want string // word, list, no, yes, a.b
	}{
		"defaults":           {nil, "", nil, "w [] false true 1"},
		"file":               {nil, all, nil, "f [f1 2] true false 7"},
		"variables":          {variables, "", nil, "v [v1 v2] true false 8"},
		"file, variables":    {variables, all, nil, "v [v1 v2] true false 8"},
		"flags":              {nil, "", flags, "y [x1 x2 x3] false true 9"},
		"all":                {variables, all, flags, "y [x1 x2 x3] false true 9"},
		"empty variables":    {empty, all, nil, " [] true false 7"},
		"empty flags":        {variables, all, []string{"--word=", "--list", ""}, " [] true false 8"},
		"empty in the file":  {nil, "word = \"\"\nlist = []", nil, " [] false true 1"},
		"a flag, then empty": {nil, "", []string{"--list", "a", "--list", ""}, "w [a] false true 1"},
	} {
		t.Run(name, func(t *testing.T) {
			f, _, err := read(t, c.env, c.toml, c.args...)
			if err != nil {
				t.Fatal(err)
			}
			if got := f.String(); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func (f *five) String() string {
	return f.word.Text() + " [" + strings.Join(f.list.List(), " ") + "] " + f.no.Text() + " " + f.yes.Text() + " " + f.dotted.Text()
}

// TestReadsBack: the file that TOML writes gives every value again, and no value that was not given.
func TestReadsBack(t *testing.T) {
	for name, args := range map[string][]string{
		"nothing": nil,
		"empty":   {"--word=", "--list="},
		"numbers": {"--word", "007", "--list", "1,-2,1e3,0x10", "--a.b", "-3"},
		"texts":   {"--word", "a\"b\\c\t#é\x1b\u202e", "--list", " a b ,c=d,[e]", "--no", "--yes=f"},
	} {
		t.Run(name, func(t *testing.T) {
			first, s, err := read(t, nil, "", args...)
			if err != nil {
				t.Fatal(err)
			}
			text := s.TOML()
			second, _, err := read(t, nil, text)
			if err != nil {
				t.Fatalf("%v, in:\n%s", err, text)
			}
			if first.String() != second.String() || first.list.Given() && !second.list.Given() || !first.list.Given() && second.list.Given() {
				t.Errorf("%q, read back %q, from:\n%s", first, second, text)
			}
		})
	}
}

// TestOrigins: an error begins with the place of the value.
func TestOrigins(t *testing.T) {
	f, _, err := read(t, map[string]string{"ETHPEER_LIST": "v"}, "\nword = 1\n\n[a]\nb = 2\n", "--no")
	if err != nil {
		t.Fatal(err)
	}
	file := f.word.From.File
	for o, want := range map[*Option]string{
		&f.word: file + ", line 2: word", &f.list: "ETHPEER_LIST", &f.no: "--no", &f.yes: "--yes", &f.dotted: file + ", line 5: a.b", Of("", "x"): "the argument",
	} {
		if got := o.Where(); got != want {
			t.Errorf("%s: %q, want %q", o.Name, got, want)
		}
	}
}

// TestWrongFiles: each error names the line, and what may have been meant.
func TestWrongFiles(t *testing.T) {
	for toml, want := range map[string]string{
		"\nwrod = 1":              `line 2: there is no setting "wrod"; did you mean word?`,
		"config = \"x\"":          `line 1: there is no setting "config"`,
		"[a]\nb = 1\nword = 2":    `line 3: there is no setting "a.word"; word belongs before the first line in brackets, [a]`,
		"a = {b = 1, c = 2}":      `line 1: there is no setting "a.c"`,
		"a = {}":                  `line 1: there is no setting "a"`,
		"[x]\n[a]\nb = 1":         `line 1: there is no setting "x"`,
		"[a]\nb = 1\n[y]":         `line 3: there is no setting "y"`,
		"[[a]]\nb = 1":            `line 2: a.b: want text in quotes, or a number`,
		"a.b = {c = 1}":           `line 1: there is no setting "a.b.c"`,
		"word = [1]":              `line 1: word: want text in quotes, or a number`,
		"word = 1.5":              `line 1: word: want text in quotes, or a number`,
		"no = 1":                  `line 1: no: want true or false`,
		"no = \"yes\"":            `line 1: no: want true or false`,
		"list = [[1]]":            `line 1: list: want text in quotes, or a list such as ["a", "b"]`,
		"list = true":             `line 1: list: want text in quotes, or a list such as ["a", "b"]`,
		"word = 1\nword = 2":      `line 2: `,
		"word = \n":               `line 1: `,
		"word = 1\nlist = [\n1,,": `line 3: `,
	} {
		_, _, err := read(t, nil, toml)
		if err == nil || !strings.Contains(err.Error(), "c.toml, "+want) {
			t.Errorf("%q: %v, want %q", toml, err, want)
		}
	}
	for env, want := range map[string]string{"ETHPEER_NO": `ETHPEER_NO "perhaps": want true or false`, "ETHPEER_CONFIG": "ETHPEER_CONFIG perhaps: there is no such file; ethpeer config > perhaps writes one with the defaults"} {
		if _, _, err := read(t, map[string]string{env: "perhaps"}, ""); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %q", env, err, want)
		}
	}
}

// TestHelpSaysDefaults: of each option that has one.
func TestHelpSaysDefaults(t *testing.T) {
	var f five
	cmd := &cobra.Command{}
	s := f.set(cmd)
	var said Option
	s.Word(&said, "said", "N", "", "something (default: that of another)")
	s.Word(new(Option), "needed", "N", "", "something (required)")
	var got []string
	for line := range strings.Lines(cmd.Flags().FlagUsages()) {
		got = append(got, strings.Join(strings.Fields(line), " "))
	}
	want := []string{
		"--word TEXT a word (default w)", "--list TEXTS a list (default: none)", "--no off", "--yes on (default true)", "--a.b N in a table (default 1)",
		"--config FILE a file (default: none)", "--said N something (default: that of another)", "--needed N something (required)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestUnknownVariables(t *testing.T) {
	var f five
	s := f.set(&cobra.Command{})
	known := append(s.Variables(), "ETHPEER_OTHER")
	got := UnknownVariables(map[string]string{"ETHPEER_WROD": "", "ETHPEER_A_B": "1", "ETHPEER_OTHER": "2", "PATH": "3", "ETHPEER": "4", "ETHPEER_ZZZZZZ": "5"}, known)
	want := []string{"the variable ETHPEER_WROD sets nothing; did you mean ETHPEER_WORD?", "the variable ETHPEER_ZZZZZZ sets nothing"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestFallBack changes what the user did not give.
func TestFallBack(t *testing.T) {
	f, _, err := read(t, nil, "", "--word", "w")
	if err != nil {
		t.Fatal(err)
	}
	f.word.FallBack("other")
	f.dotted.FallBack("other")
	if f.word.Text() != "w" || f.dotted.Text() != "other" || f.dotted.Given() {
		t.Errorf("%q", f)
	}
}

func TestNearest(t *testing.T) {
	known := []string{"addr", "all", "eth", "log-format", "log-level", "maxpeers", "nodekey", "peers", "port", "trustedpeers"}
	for word, want := range map[string]string{
		"maxpeer": "maxpeers", "MaxPeers": "maxpeers", "max_peers": "maxpeers", "prot": "port", "loglvl": "log-level", "log.level": "log-level",
		"trusted": "trustedpeers", "key": "nodekey", "peer": "peers", "address": "addr", "nope": "", "x": "", "": "", "verbosity": "", "et": "eth",
		strings.Repeat("peers", 100): "",
	} {
		if got, ok := Nearest(word, known); got != want || ok != (want != "") {
			t.Errorf("%s: %q %v, want %q", word, got, ok, want)
		}
	}
}

func TestHideKeys(t *testing.T) {
	key := strings.Repeat("0aF9", 16)
	for in, want := range map[string]string{
		"":                        "",
		key:                       "(64 hex digits)",
		"0x" + key:                "0x(64 hex digits)",
		`"` + key + `", ` + key:   `"(64 hex digits)", (64 hex digits)`,
		key + "0":                 key + "0",
		key[1:]:                   key[1:],
		key + key:                 key + key,
		"deadbeef " + key + " é":  "deadbeef (64 hex digits) é",
		"enode://" + xy + "@h:30": "enode://" + xy + "@h:30",
	} {
		if got := HideKeys(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

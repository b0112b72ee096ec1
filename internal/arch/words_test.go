// SPDX-License-Identifier: Apache-2.0

package arch

import (
	"fmt"
	"go/ast"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// goneWords are words that once named several things here, or that mean something else to
// this field, with what is said instead. They stand for whole words, in identifiers as parts:
// "by lot" is byLot, too.
var goneWords = map[string]string{
	"ledgers?":                "seen (a set), store, pool",
	"attest(ed|s|ation)?":     "supporters; an attestation is what validators sign",
	"witness(es)?":            "observer; a witness is an Ethereum term",
	"leash":                   "supervisor",
	"tellers?":                "event.Source, peerRef",
	"standings?":              "reputation",
	"crowds?":                 "netgroup",
	"areas?":                  "netgroup",
	"on sight|onsight":        "unverified, fast path",
	"by lot":                  "sampled",
	"residents?":              "endpoint owner",
	"suspects?":               "distrusted",
	"strolls?":                "random walk, Iterator",
	"tours?":                  "tree sync",
	"wishes":                  "operator commands",
	"greetings?":              "peerInfo; Hello is a message",
	"tardy":                   "late",
	"ranged":                  "hasBlockRange",
	"learns (tx|block)":       "MarkTx, MarkBlock",
	"nudges?":                 "Reschedule",
	"discover/local":          "discover/self",
	"facts\\.go|onsight\\.go": "entries.go, unverified.go",
}

// goneNames are words that no identifier has: in a comment they may be right.
var goneNames = map[string]string{
	"claims?": "waiter, localStatus, peerHead, offer, UnverifiedRecord",
	"strange": "unexpectedReply",
	"anchor":  "startHead",
}

// goneDeclared are ordinary English words that once named several things here. Comments and local variables
// may have them, but no name of a type, function, method, field or package variable.
var goneDeclared = map[string]string{
	"news":   "newBlock, unknown",
	"rest":   "cooldown; Rest of a header is the fields after the known ones",
	"wishes": "operator commands",
	"exact":  "hasRequestIDs",
	"walk":   "Iterator, advance",
}

// goneMethods are what methods and fields were once called.
var goneMethods = map[string]string{
	"Wanted": "Unfit or Check, which return a reason",
	"Hurry":  "ExpireWrites",
}

// beaconTerms are packages about a beacon chain, where the "attested header" of a light client's update is
// the specification's term.
var beaconTerms = []string{"chain/light", "chain/head/beacon", "internal/test/beacon"}

// spoken returns a text of a package without the words that are a term there.
func spoken(p *pkg, text string) string {
	if slices.Contains(beaconTerms, p.path) {
		return strings.ReplaceAll(text, "attested", "")
	}
	return text
}

// pendingWords lists packages whose words are not in order yet.
var pendingWords = []string{}

// words returns what an identifier is made of, in lower case: "onSight" is "on sight".
func words(identifier string) string {
	var b strings.Builder
	var last rune
	for _, r := range identifier {
		if unicode.IsUpper(r) && unicode.IsLower(last) || r == '_' {
			b.WriteByte(' ')
		}
		if r != '_' {
			b.WriteRune(unicode.ToLower(r))
		}
		last = r
	}
	return b.String()
}

// A speller finds words.
type speller struct {
	all, names, declared *regexp.Regexp
}

func newSpeller() speller {
	compile := func(lists ...map[string]string) *regexp.Regexp {
		var words []string
		for _, l := range lists {
			for w := range l {
				words = append(words, w)
			}
		}
		slices.Sort(words)
		return regexp.MustCompile(`\b(?:` + strings.Join(words, "|") + `)\b`)
	}
	return speller{compile(goneWords), compile(goneWords, goneNames), compile(goneDeclared)}
}

// instead says what to write for a word that was found.
func instead(word string) string {
	for _, list := range []map[string]string{goneWords, goneNames, goneDeclared} {
		for w, use := range list {
			if regexp.MustCompile(`^(?:` + w + `)$`).MatchString(word) {
				return use
			}
		}
	}
	return ""
}

// words checks the identifiers and comments of all files, and their names.
func (t *tree) words(s speller) (bad []string) {
	add := func(at, word string) {
		bad = append(bad, fmt.Sprintf("%s: %q: say %s (the words of CONTRIBUTING.md)", at, word, instead(word)))
	}
	for _, p := range t.pkgs {
		if p.path == "internal/arch" || slices.Contains(pendingWords, p.path) {
			continue
		}
		found := map[string]string{} // gone word by identifier: most are used very often
		gone := func(identifier string) string {
			w, ok := found[identifier]
			if !ok {
				w = s.names.FindString(spoken(p, words(identifier)))
				found[identifier] = w
			}
			return w
		}
		for _, f := range p.files {
			if w := s.all.FindString(spoken(p, path.Base(f.name))); w != "" {
				add(f.name, w)
			}
			foreign := map[*ast.Ident]bool{}
			ast.Inspect(f.File, func(n ast.Node) bool {
				if of, ok := n.(*ast.SelectorExpr); ok && f.isLibrary(of.X) {
					foreign[of.Sel] = true // the library's own word
				}
				if id, ok := n.(*ast.Ident); ok && !foreign[id] {
					if use := goneMethods[id.Name]; use != "" {
						bad = append(bad, fmt.Sprintf("%s: %s: say %s", t.at(f, n), id.Name, use))
					} else if w := gone(id.Name); w != "" {
						add(t.at(f, n), w)
					}
				}
				return true
			})
			for _, id := range declared(f.File) {
				if w := s.declared.FindString(words(id.Name)); w != "" && !slices.Contains(rightNames, p.path+"."+id.Name) {
					add(t.at(f, id), w)
				}
			}
			for _, group := range f.Comments {
				for _, c := range group.List {
					if w := s.all.FindString(spoken(p, strings.ToLower(c.Text))); w != "" {
						add(t.at(f, c), w)
					}
				}
			}
		}
	}
	return bad
}

// isLibrary reports whether an expression is the name of an imported package of another module than ours.
func (s *source) isLibrary(x ast.Expr) bool {
	id, ok := x.(*ast.Ident)
	if !ok {
		return false
	}
	for imported, name := range s.imports() {
		if name == id.Name {
			return strings.Contains(strings.Split(imported, "/")[0], ".") && !strings.HasPrefix(imported, "github.com/ethpeer/")
		}
	}
	return false
}

// rightNames are declared names that have such a word, rightly.
var rightNames = []string{"types.Rest"}

// declared returns the names of a file's types, functions, methods and fields, and of its package's constants
// and variables.
func declared(f *ast.File) (ids []*ast.Ident) {
	fields := func(n ast.Node) {
		ast.Inspect(n, func(n ast.Node) bool {
			if s, ok := n.(*ast.StructType); ok {
				for _, field := range s.Fields.List {
					ids = append(ids, field.Names...)
				}
			}
			return true
		})
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if !testNames.MatchString(d.Name.Name) { // which is a sentence
				ids = append(ids, d.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					ids = append(ids, spec.Name)
					fields(spec.Type)
				case *ast.ValueSpec:
					ids = append(ids, spec.Names...)
				}
			}
		}
	}
	return ids
}

// wordsOfDocuments checks the documents of the module.
func (t *tree) wordsOfDocuments(s speller) (bad []string, err error) {
	err = filepath.WalkDir(t.root, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == ".git"):
			return filepath.SkipDir
		case filepath.Ext(file) != ".md" || !d.Type().IsRegular() || slices.Contains(pendingWords, d.Name()):
			return nil
		}
		text, err := os.ReadFile(file)
		n := 0
		for line := range strings.Lines(string(text)) {
			n++
			if w := s.all.FindString(strings.ToLower(line)); w != "" {
				name, _ := filepath.Rel(t.root, file)
				bad = append(bad, fmt.Sprintf("%s:%d: %q: say %s", name, n, w, instead(w)))
			}
		}
		return err
	})
	return bad, err
}

func TestWords(t *testing.T) {
	m := module(t)
	report(t, m.words(newSpeller()))
	bad, err := m.wordsOfDocuments(newSpeller())
	if err != nil {
		t.Fatal(err)
	}
	report(t, bad)
	interop, err := load(filepath.Join(m.root, "interop"), nil)
	if err != nil {
		t.Fatal(err)
	}
	report(t, interop.words(newSpeller()))
}

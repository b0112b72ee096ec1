// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLoadSecret(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "jwt.hex")
	made, created, err := LoadSecret(path)
	if err != nil || !created || len(made) != secretSize || bytes.Equal(made, make([]byte, secretSize)) {
		t.Fatalf("%x, %v, %v", made, created, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
	again, created, err := LoadSecret(path)
	if err != nil || created || !bytes.Equal(again, made) {
		t.Fatalf("%x, %v, %v; want %x", again, created, err, made)
	}
	digits := hex.EncodeToString(secret)
	for text, ok := range map[string]bool{
		digits: true, "0x" + digits: true, " 0x" + strings.ToUpper(digits) + "\r\n": true,
		"": false, digits[1:]: false, digits + "00": false, digits[2:] + "zz": false, strings.Repeat(" ", 300) + digits: false,
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, _, err := LoadSecret(path)
		if (err == nil) != ok || ok && !bytes.Equal(got, secret) {
			t.Errorf("%q: %x, %v", text, got, err)
		}
	}
	for _, path := range []string{dir, filepath.Join(dir, "no", "such", "directory")} {
		if got, _, err := LoadSecret(path); err == nil {
			t.Errorf("%s: %x", path, got)
		}
	}
	if _, err := New(Config{Secret: secret[1:]}); err == nil {
		t.Error("a short secret is accepted")
	}
}

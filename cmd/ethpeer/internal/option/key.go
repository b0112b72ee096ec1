// SPDX-License-Identifier: Apache-2.0

package option

import (
	"encoding/hex"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/ethpeer/ethpeer/ecc"
)

// maxKeyFile bounds a file with a key, in bytes.
const maxKeyFile = 1 << 10

// ReadKey reads a private key from the file that the option names: 64 hex digits, with or without 0x, spaces
// around them ignored. warning says that other users can read the file. No message quotes the file, which may
// hold another secret.
func ReadKey(o *Option) (key *ecc.PrivateKey, warning string, err error) {
	name := o.Text()
	where := name
	if o.Name != "" {
		where = o.Where() + " " + name
	}
	if LooksLikeKey(name) {
		return nil, "", fmt.Errorf("%s: want the name of a file, not the key: others see what runs with which flags; ethpeer key generate makes one", o.Where())
	}
	b, err := ReadFile(where, name, maxKeyFile, "make one with: ethpeer key generate --out "+name)
	if err != nil {
		return nil, "", err
	}
	digits := strings.TrimSpace(string(b))
	if len(digits) == 66 && strings.EqualFold(digits[:2], "0x") {
		digits = digits[2:]
	}
	if len(digits) != 64 {
		return nil, "", fmt.Errorf("%s: has %d characters, want 64 hex digits", where, len(digits))
	}
	raw, err := hex.DecodeString(digits)
	if err != nil {
		return nil, "", fmt.Errorf("%s: has characters that are no hex digits", where)
	}
	if key, err = ecc.ParsePrivateKey(raw); err != nil {
		return nil, "", fmt.Errorf("%s: %w", where, err)
	}
	if readByOthers(name) {
		warning = where + ": others can read it; chmod 600 " + name
	}
	return key, warning, nil
}

func readByOthers(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o077 != 0 && runtime.GOOS != "windows"
}

// Directory reads the name of a directory. It refuses a possible key in the wrong place, because the name is
// printed.
func Directory(o *Option) (string, error) {
	if HasKey(o.Text()) || LooksLikeKey(o.Text()) {
		return "", fmt.Errorf("%s: want the name of a directory, not a key", o.Where())
	}
	return o.Text(), nil
}

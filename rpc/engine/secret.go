// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// secretSize is how long the secret of both clients is
// (https://github.com/ethereum/execution-apis/blob/main/src/engine/authentication.md#key-distribution).
const secretSize = 32

// maxSecretFile bounds what is read of a secret's file: 64 digits, 0x and space around them.
const maxSecretFile = 256

// LoadSecret reads the secret from a file: 64 hexadecimal digits, with or without 0x. If there is no such file it makes one
// with a random secret, which only its owner can read (mode 0600). Created says so.
func LoadSecret(path string) (secret []byte, created bool, err error) {
	switch secret, err = readSecret(path); {
	case err == nil:
		return secret, false, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, false, err
	}
	secret = make([]byte, secretSize)
	_, _ = rand.Read(secret) // never fails
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, false, fmt.Errorf("JWT secret: %w", err)
	}
	if _, err = f.WriteString(hex.EncodeToString(secret)); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(path) // half a secret would be refused next time
		return nil, false, fmt.Errorf("JWT secret: %w", err)
	}
	return secret, true, nil
}

func readSecret(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("JWT secret: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxSecretFile {
		return nil, fmt.Errorf("JWT secret: %s is no file of 64 hexadecimal digits", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("JWT secret: %w", err)
	}
	secret, err := hex.DecodeString(strings.TrimPrefix(strings.TrimSpace(string(text)), "0x"))
	if err != nil || len(secret) != secretSize {
		return nil, fmt.Errorf("JWT secret: %s has not 64 hexadecimal digits: remove the file, so that a new one is made, or give both clients the same", path)
	}
	return secret, nil
}

// maxSkew is how far a token's time of issue may be from our clock
// (https://github.com/ethereum/execution-apis/blob/main/src/engine/authentication.md#jwt-claims).
const maxSkew = 60 * time.Second

var (
	errNoToken = errors.New("no JWT: the header Authorization has no Bearer token")
	errNoIssue = errors.New("the JWT has no iat")
	errSkew    = errors.New("the JWT was issued more than 60 s before or after now: are the clocks of both machines right?")
)

// checkToken checks the value of an Authorization header.
func checkToken(secret []byte, authorization string, now time.Time) error {
	token, ok := strings.CutPrefix(authorization, "Bearer ")
	if !ok {
		return errNoToken
	}
	var said jwt.RegisteredClaims
	_, err := jwt.ParseWithClaims(token, &said, func(*jwt.Token) (any, error) { return secret, nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithTimeFunc(func() time.Time { return now }))
	if err != nil {
		return err
	}
	if said.IssuedAt == nil {
		return errNoIssue
	}
	if skew := now.Sub(said.IssuedAt.Time); skew > maxSkew || skew < -maxSkew {
		return errSkew
	}
	return nil
}

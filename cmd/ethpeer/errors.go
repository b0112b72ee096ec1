// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strings"
	"syscall"

	"github.com/ethpeer/ethpeer/cmd/ethpeer/internal/option"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The exit codes, as docs/events.md lists them.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
	exitKilled = 130 // a second signal; 128 + SIGINT, as shells report it
)

// A failure is an error that the user did not cause: exit code 1.
type failure struct{ err error }

func (f failure) Error() string { return f.err.Error() }
func (f failure) Unwrap() error { return f.err }

// exitCode returns 1 for a failure and 2 for every other error. Errors of the flag parser have no type of
// ours, and all of them mean wrong use.
func exitCode(err error) int {
	if _, ok := errors.AsType[failure](err); ok {
		return exitFailed
	}
	return exitUsage
}

// oneLine returns the error as one line without control characters or private keys: it may quote a file or a
// flag.
func oneLine(err error) string {
	return option.HideKeys(option.Printable(strings.Join(strings.Fields(err.Error()), " ")))
}

// flagError returns an error of the flag parser in our words, with the help to read.
func flagError(cmd *cobra.Command, err error) error {
	if own, ok := errors.AsType[option.WrongValueError](err); ok {
		return own.Unwrap()
	}
	what := err.Error()
	if e, ok := errors.AsType[*pflag.NotExistError](err); ok {
		what = "there is no flag --" + e.GetSpecifiedName()
		word := e.GetSpecifiedName()
		if short := e.GetSpecifiedShortnames(); short != "" { // one dash instead of two
			what, word = "there is no flag -"+short, short
		}
		var known []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
		if near, ok := option.Nearest(word, known); ok {
			return fmt.Errorf("%s; did you mean --%s? See %s --help", what, near, cmd.CommandPath())
		}
	}
	return fmt.Errorf("%s; see %s --help", what, cmd.CommandPath())
}

func noArguments(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case cmd.HasSubCommands():
		return noCommand(cmd, args[0])
	}
	return fmt.Errorf("%s takes flags only, not %q; see %s --help", cmd.Name(), args[0], cmd.CommandPath())
}

// noCommand returns the error for an unknown subcommand of cmd.
func noCommand(cmd *cobra.Command, word string) error {
	var known []string
	for _, c := range cmd.Commands() {
		known = append(known, c.Name())
	}
	if near, ok := option.Nearest(word, known); ok {
		return fmt.Errorf("there is no command %q; did you mean %s %s?", word, cmd.CommandPath(), near)
	}
	return fmt.Errorf("there is no command %q; see %s --help", word, cmd.CommandPath())
}

// outputError returns the error of a write to standard output in our words. A closed reader is no error: that
// is how "| head" ends a program.
func outputError(err error) error {
	switch {
	case err == nil, errors.Is(err, syscall.EPIPE):
		return nil
	case errors.Is(err, syscall.ENOSPC):
		return failure{errors.New("standard output: no space left; make room, or write elsewhere")}
	}
	return failure{fmt.Errorf("standard output: %w", err)}
}

// nodeError returns why a node did not start, or stopped. It names the protocol, because another program may
// hold only one of the ports. tcp is the address for peers; udpFlag is the flag that changes the UDP port.
func nodeError(err error, tcp, udpFlag string) error {
	op, isNet := errors.AsType[*net.OpError](err)
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return nil
	case !isNet || op.Op != "listen":
		return failure{err}
	}
	at, flag := tcp, "--port"
	if op.Addr != nil {
		at = op.Addr.String()
	}
	at = strings.ToUpper(strings.TrimRight(op.Net, "46")) + " " + at
	if strings.HasPrefix(op.Net, "udp") {
		flag = udpFlag
	}
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s is in use; end the program that holds it, or choose another with %s (0: any that is free)", at, flag)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("not allowed to listen on %s; choose a port from 1024 up with %s", at, flag)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("%s is no address of this machine; choose another with --addr", at)
	}
	return fmt.Errorf("cannot listen on %s: %w; choose another with --addr and %s", at, op.Err, flag)
}

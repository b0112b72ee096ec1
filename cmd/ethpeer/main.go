// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/signal"
	"strings"
	"syscall"

	"golang.org/x/term"
)

func main() { os.Exit(ofProcess(newNode).run(os.Args[1:])) }

// ofProcess returns a program with the signals and standard streams of this process.
func ofProcess(newNode func(settings) (node, error)) *program {
	// Otherwise a write to a pipe without a reader would kill the process, before it could disconnect from
	// its peers. Now the write returns an error.
	signal.Ignore(syscall.SIGPIPE)
	return &program{
		in:      os.Stdin,
		out:     os.Stdout,
		err:     os.Stderr,
		screen:  screenOf(os.Stdout),
		errs:    screenOf(os.Stderr),
		env:     variables(os.Environ()),
		signals: notify,
		exit:    os.Exit,
		newNode: newNode,
	}
}

// screenOf returns the terminal of a file, or nil.
func screenOf(f *os.File) *screen {
	fd := int(f.Fd())
	if !term.IsTerminal(fd) {
		return nil
	}
	return &screen{width: func() int { w, _, _ := term.GetSize(fd); return w }}
}

// notify takes the signals that end a command in order: an interrupt, SIGTERM, and SIGHUP, which is the end
// of a terminal or a connection. Before the call these signals end the process, which may be waiting for a
// file that is a pipe. A SIGHUP that the parent ignores (nohup) stays ignored.
func notify() <-chan os.Signal {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(signals, syscall.SIGHUP)
	}
	return signals
}

// variables makes a map of NAME=value.
func variables(environ []string) map[string]string {
	env := make(map[string]string, len(environ))
	for _, v := range environ {
		name, value, _ := strings.Cut(v, "=")
		env[name] = value
	}
	return env
}

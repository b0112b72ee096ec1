// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"
)

func main() { os.Exit(ofProcess(newNode).run(os.Args[1:])) }

// ofProcess takes signals and standard streams of this process.
func ofProcess(newNode func(settings) (node, error)) *program {
	// A write to a pipe that nobody reads shall give an error, so that we can take leave
	// of the peers; by default it would kill us.
	signal.Ignore(syscall.SIGPIPE)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	p := &program{
		out:     os.Stdout,
		err:     os.Stderr,
		env:     os.Getenv,
		signals: signals,
		exit:    os.Exit,
		newNode: newNode,
	}
	if fd := int(os.Stdout.Fd()); term.IsTerminal(fd) {
		p.screen = &screen{width: func() int { w, _, _ := term.GetSize(fd); return w }}
	}
	return p
}

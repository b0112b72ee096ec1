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

// ofProcess takes signals and standard streams of this process.
func ofProcess(newNode func(settings) (node, error)) *program {
	// A write to a pipe that nobody reads shall give an error, so that we can take leave
	// of the peers; by default it would kill us.
	signal.Ignore(syscall.SIGPIPE)
	p := &program{
		out:     os.Stdout,
		err:     os.Stderr,
		env:     variables(os.Environ()),
		signals: notify,
		exit:    os.Exit,
		newNode: newNode,
	}
	if fd := int(os.Stdout.Fd()); term.IsTerminal(fd) {
		p.screen = &screen{width: func() int { w, _, _ := term.GetSize(fd); return w }}
		p.shared = term.IsTerminal(int(os.Stderr.Fd()))
	}
	return p
}

// notify takes the signals that end a watch. Until it is called they end the process: it
// may be waiting for a file that is a pipe.
func notify() <-chan os.Signal {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
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

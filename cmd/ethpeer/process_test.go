// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/sink"
)

// These tests run the real program. They have no deadlines of their own, because building, or a busy machine,
// may take any time. The timeout of go test ends a process that hangs.

// lifeVariable makes a process of the test binary a watch whose node has the life that the variable names.
const lifeVariable = "TEST_OF_ETHPEER_LIFE"

// lives are the lives of such nodes.
var lives = map[string]func(context.Context, settings) error{
	// flood says that it listens when it has recorded everything.
	"flood": func(ctx context.Context, s settings) error {
		for range flooded {
			s.record(event.Tx{At: event.At{Time: time.Now()}})
		}
		s.ready("enode://flood@127.0.0.1:1")
		<-ctx.Done()
		return nil
	},
	// stuck never ends.
	"stuck": func(_ context.Context, s settings) error {
		s.ready("enode://stuck@127.0.0.1:1")
		select {}
	},
}

// lifeMain is the main function of such a process.
func lifeMain(name string) {
	p := ofProcess(func(s settings) (node, error) { return fake{lives[name], s}, nil })
	os.Exit(p.run([]string{"watch"}))
}

// livingProcess starts such a process.
func livingProcess(t *testing.T, name string) *process {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), lifeVariable+"="+name)
	return startProcess(t, cmd)
}

// built is the binary, made once for all tests, in a folder that TestMain removes.
var built = sync.OnceValues(func() (file string, err error) {
	dir, err := os.MkdirTemp("", "ethpeer-test-")
	if err != nil {
		return "", err
	}
	file = filepath.Join(dir, "ethpeer")
	out, err := exec.Command("go", "build", "-o", file, ".").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, out)
	}
	builtIn = dir
	return file, err
})

var builtIn string // the folder, once there is one

func build(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("builds a binary")
	}
	file, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// process is a running binary, its standard output a pipe.
type process struct {
	*exec.Cmd
	out    *os.File
	stderr *bufio.Reader
}

func startProcess(t *testing.T, cmd *exec.Cmd) *process {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if cmd.Stdout == nil {
		cmd.Stdout = w
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); cmd.Process.Kill() })
	return &process{cmd, r, bufio.NewReader(stderr)}
}

// listening waits until the process says where it listens.
func (p *process) listening(t *testing.T) (addr string) {
	t.Helper()
	for {
		line, err := p.stderr.ReadString('\n')
		if err != nil {
			t.Fatalf("no word of listening: %v", err)
		}
		if _, url, ok := strings.Cut(line, "enode://"); ok {
			_, addr, _ = strings.Cut(strings.Trim(url, "\"\n"), "@")
			addr, _, _ = strings.Cut(addr, "?")
			return addr
		}
	}
}

// wantExit waits for the end. stderr is what must be in the rest of standard error;
// empty for nothing at all.
func (p *process) wantExit(t *testing.T, code int, stderr string) {
	t.Helper()
	rest, _ := io.ReadAll(p.stderr)
	p.Wait()
	if got := p.ProcessState.ExitCode(); got != code {
		t.Errorf("%v, want exit code %d", p.ProcessState, code)
	}
	if got := string(rest); !strings.Contains(got, stderr) || (stderr == "" && got != "") {
		t.Errorf("standard error says %q, want %q", got, stderr)
	}
}

// knock opens one connection that sends nothing, which gives one line. A process that has ended accepts none.
func knock(addr string) {
	if c, err := net.Dial("tcp", addr); err == nil {
		c.Close()
	}
}

// summed reads lines to their end, which must be the summary.
func summed(t *testing.T, lines io.Reader) {
	t.Helper()
	text, _ := io.ReadAll(lines)
	if got := kinds(t, string(text)); len(got) == 0 || got[len(got)-1] != "summary" {
		t.Errorf("lines %v, want the summary last", got)
	}
}

func TestProcess(t *testing.T) {
	binary := build(t)
	watch := func(args ...string) *exec.Cmd {
		return exec.CommandContext(t.Context(), binary, append([]string{"watch", "--addr", "127.0.0.1", "--port", "0", "--nodiscover", "--log-level", "info"}, args...)...)
	}

	t.Run("signal", func(t *testing.T) {
		p := startProcess(t, watch())
		knock(p.listening(t))
		lines := bufio.NewReader(p.out)
		line, err := lines.ReadString('\n')
		if err == nil && strings.Contains(line, `"kind":"self"`) { // our own record comes first
			var next string
			next, err = lines.ReadString('\n')
			line += next
		}
		if err != nil || !strings.Contains(line, `"kind":"peer"`) {
			t.Fatalf("%q, %v", line, err)
		}
		p.Process.Signal(syscall.SIGINT)
		rest, _ := io.ReadAll(lines)
		if got := kinds(t, line+string(rest)); got[len(got)-1] != "summary" {
			t.Errorf("lines %v, want the summary last", got)
		}
		p.wantExit(t, exitOK, "")
	})

	t.Run("reader leaves", func(t *testing.T) {
		p := startProcess(t, watch())
		addr := p.listening(t)
		p.out.Close()
		knock(addr) // or the line of our own record was enough
		p.wantExit(t, exitOK, "")
	})

	t.Run("disk full", func(t *testing.T) {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Skip("there is no /dev/full here")
		}
		defer full.Close()
		cmd := watch()
		cmd.Stdout = full
		p := startProcess(t, cmd)
		p.listening(t)
		p.Process.Signal(syscall.SIGINT)
		p.wantExit(t, exitFailed, "ethpeer: standard output: no space left")
	})

	t.Run("port in use", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		_, port, _ := net.SplitHostPort(l.Addr().String())
		p := startProcess(t, watch("--port", port, "--log-level", "error"))
		if out, _ := io.ReadAll(p.out); len(out) > 0 {
			t.Errorf("standard output says %q", out)
		}
		p.wantExit(t, exitUsage, "ethpeer: TCP 127.0.0.1:"+port+" is in use; end the program that holds it, or choose another with --port (0: any that is free)\n")
	})
}

// flooded is how many events the flood is: more than the pipe and the queue hold.
const flooded = 3 * sink.Bound

func TestSlowReaderOfAProcess(t *testing.T) {
	p := livingProcess(t, "flood")
	p.listening(t) // though no line was read
	p.Process.Signal(syscall.SIGINT)
	lines, lost := 0, 0
	var last string
	for in := bufio.NewScanner(p.out); in.Scan(); lines++ {
		last = in.Text()
		var l struct {
			Kind  string
			Count int
		}
		if err := json.Unmarshal(in.Bytes(), &l); err != nil {
			t.Fatalf("%v in %q", err, last)
		}
		if l.Kind == "loss" {
			lines--
			lost += l.Count
		}
	}
	p.Wait()
	if code := p.ProcessState.ExitCode(); code != exitOK {
		t.Errorf("exit code %d", code)
	}
	if lost == 0 || lines-1+lost != flooded {
		t.Errorf("%d transactions and %d lost, want %d in all", lines-1, lost, flooded)
	}
	if want := fmt.Sprintf(`"txs":%d,`, flooded); !strings.Contains(last, want) || !strings.Contains(last, fmt.Sprintf(`"output":%d}`, lost)) {
		t.Errorf("the last line does not sum it up: %s", last)
	}
}

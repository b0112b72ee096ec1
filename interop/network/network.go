// SPDX-License-Identifier: Apache-2.0

package network

import (
	"bufio"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

//go:embed supervisor.sh
var supervisor string

// How long things may take before the test fails.
const (
	startLimit  = 90 * time.Second
	beaconExtra = 4 * time.Minute // for a beacon node, which may have to be installed
	readyLimit  = 60 * time.Second
	stopLimit   = 30 * time.Second
)

// Config says what to run. All fields but Env are required.
type Config struct {
	Script  string   // a file of interop/peers; start-beacon.sh has one node of geth, and a beacon node
	Client  string   // version of geth, as install.sh names it: "v1.13.15"
	Nodes   int      // how many
	Period  string   // of blocks, as the script wants it
	TPS     int      // transactions per second, into the last node
	ChainID int      // also the network id
	Ready   uint64   // wait until every node has this block
	Args    []string // more arguments of the script
	Env     []string // more variables for the script, KEY=value
}

// A Network is a set of running nodes.
type Network struct {
	Dir   string // the script's folder; gone after the test
	Nodes []*Node

	config Config
	base   int // of its ports
	cmd    *exec.Cmd
	hold   *os.File // ends the supervisor when closed
	root   string
}

// Start starts a network and returns when all its nodes are ready. It ends with the test.
func Start(t testing.TB, c Config) *Network {
	t.Helper()
	root, err := os.MkdirTemp("", "ethpeer-interop-")
	if err != nil {
		t.Fatal(err)
	}
	n := &Network{Dir: filepath.Join(root, "net"), config: c, root: root}
	t.Cleanup(func() { n.stop(t) })
	base := freePorts(t)
	n.base = base
	if err := n.launch(base); err != nil {
		t.Fatalf("%s with geth %s: %v", c.Script, c.Client, err)
	}
	enodes, err := os.ReadFile(filepath.Join(n.Dir, "enodes.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for i, enode := range strings.Fields(string(enodes)) {
		node, err := newNode(fmt.Sprintf("n%d", i+1), enode, fmt.Sprintf("http://127.0.0.1:%d", base+portRPC+i+1))
		if err != nil {
			t.Fatal(err)
		}
		n.Nodes = append(n.Nodes, node)
	}
	if len(n.Nodes) != c.Nodes {
		t.Fatalf("%d nodes started, want %d", len(n.Nodes), c.Nodes)
	}
	for _, node := range n.Nodes {
		limit := readyLimit
		if c.beacon() {
			limit += beaconExtra
		}
		node.waitFor(t, c.Ready, limit)
	}
	return n
}

// Genesis returns the path of the genesis file.
func (n *Network) Genesis() string { return filepath.Join(n.Dir, "genesis.json") }

// ChainID returns the chain id, which is also the network id.
func (n *Network) ChainID() int { return n.config.ChainID }

// Engine returns the URL of a node's engine API, where the script gives it one.
func (n *Network) Engine(node int) string {
	return fmt.Sprintf("http://127.0.0.1:%d", n.base+portAuth+1+node)
}

// Client returns the version of geth.
func (n *Network) Client() string { return n.config.Client }

// Beacon returns the URL of the beacon node of start-beacon.sh.
func (n *Network) Beacon() string { return fmt.Sprintf("http://127.0.0.1:%d", n.base+portBeacon+1) }

func (c *Config) beacon() bool { return c.Script == "start-beacon.sh" }

// arguments returns those of the script.
func (c *Config) arguments() []string {
	args := []string{c.Period, strconv.Itoa(c.TPS)}
	if !c.beacon() {
		args = append([]string{strconv.Itoa(c.Nodes)}, args...)
	}
	return append(args, c.Args...)
}

// Sent returns the hashes of the transactions that the generator has sent so far, in order.
func (n *Network) Sent(t testing.TB) []string {
	t.Helper()
	var hashes []string
	for _, name := range []string{"txgen.log", "tx.log"} {
		b, err := os.ReadFile(filepath.Join(n.Dir, name))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(b)) {
			if f := strings.Fields(line); len(f) >= 2 && f[0] == "tx" && strings.HasSuffix(line, "\n") {
				hashes = append(hashes, f[1])
			}
		}
	}
	return hashes
}

// Log returns what a node has logged so far; VERB in Config.Env says how much that is.
func (n *Network) Log(t testing.TB, node *Node) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(n.Dir, node.Name+".log"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// launch starts the supervisor and waits until the script has run.
func (n *Network) launch(base int) error {
	script, err := filepath.Abs(filepath.Join(sourceDir(), "..", "peers", n.config.Script))
	if err != nil {
		return err
	}
	geth := filepath.Join(Clients(), n.config.Client, "geth")
	if _, err := os.Stat(geth); err != nil {
		return fmt.Errorf("%w: run interop/peers/install.sh first", err)
	}
	input, hold, err := os.Pipe()
	if err != nil {
		return err
	}
	defer input.Close()
	n.hold = hold
	c := &n.config
	args := append([]string{
		"-c", supervisor, "supervisor", n.root,
		"bash", script,
	}, c.arguments()...)
	n.cmd = exec.Command("bash", args...)
	n.cmd.Stdin = input
	n.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	n.cmd.Env = append(slices.Clone(os.Environ()), "DIR="+n.Dir, "GETH="+geth, "PEERS="+Clients(),
		"BASEPORT="+strconv.Itoa(base+portP2P), "BASERPC="+strconv.Itoa(base+portRPC), "BASEAUTH="+strconv.Itoa(base+portAuth),
		"BASEREST="+strconv.Itoa(base+portBeacon), "NETID="+strconv.Itoa(c.ChainID), "CHAINID="+strconv.Itoa(c.ChainID))
	n.cmd.Env = append(n.cmd.Env, c.Env...)
	output, err := n.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := n.cmd.Start(); err != nil {
		return err
	}
	said := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(output).ReadString('\n')
		said <- strings.TrimSpace(line)
	}()
	limit := startLimit
	if c.beacon() {
		limit += beaconExtra
	}
	select {
	case line := <-said:
		if line != "started" {
			return fmt.Errorf("the script %s", line)
		}
		return nil
	case <-time.After(limit):
		return fmt.Errorf("the script did not return within %v", limit)
	}
}

// stop ends the network and, if the test failed, shows how its logs end.
func (n *Network) stop(t testing.TB) {
	if t.Failed() {
		n.showLogs(t)
	}
	if n.cmd != nil && n.cmd.Process != nil {
		n.hold.Close()
		done := make(chan struct{})
		go func() {
			n.cmd.Wait() // "killed", always: the supervisor's last act
			close(done)
		}()
		select {
		case <-done:
		case <-time.After(stopLimit):
			t.Errorf("the network did not stop within %v", stopLimit)
			syscall.Kill(-n.cmd.Process.Pid, syscall.SIGKILL)
		}
		if !groupEnded(n.cmd.Process.Pid) {
			t.Errorf("processes of the group %d are left", n.cmd.Process.Pid)
		}
	}
	if err := os.RemoveAll(n.root); err != nil {
		t.Error(err)
	}
}

// groupEnded waits until a process group is empty: killed processes vanish when init reaps them.
func groupEnded(group int) bool {
	for range 50 {
		if errors.Is(syscall.Kill(-group, 0), syscall.ESRCH) {
			return true
		}
		time.Sleep(100 * time.Millisecond)
	}
	return false
}

func (n *Network) showLogs(t testing.TB) {
	logs, _ := filepath.Glob(filepath.Join(n.Dir, "*.log"))
	for _, name := range append(logs, filepath.Join(n.root, "start.log")) {
		b, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		lines := strings.Split(strings.TrimRight(string(b), "\n"), "\n")
		t.Logf("%s ends:\n%s", filepath.Base(name), strings.Join(lines[max(0, len(lines)-8):], "\n"))
	}
}

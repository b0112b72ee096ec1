// SPDX-License-Identifier: Apache-2.0

//go:build interop

package hostile

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// inside is set in the process that runs in the namespace.
const inside = "HOSTILE_NAMESPACE"

// first is the first byte of each address: of the nodes under test, of honest peers, and of attackers.
type networks struct {
	name                     string
	nodes, honest, attackers byte
}

var (
	public   = networks{"public addresses in a namespace", 33, 34, 60}
	loopback = networks{"127.0.0.0/8: the system refuses a namespace", 127, 127, 127}
)

// in is where this process runs.
var in = loopback

func (n networks) node(i int) string {
	return netip.AddrFrom4([4]byte{n.nodes, 0, 0, byte(1 + i)}).String()
}

func (n networks) honestPeer(i int) netip.Addr {
	return netip.AddrFrom4([4]byte{n.honest, 100 + byte(i), 1, 1})
}

// attacker is the i-th address of a network.
func (n networks) attacker(network int, i uint32) netip.Addr {
	return netip.AddrFrom4([4]byte{n.attackers, 1 + byte(network), byte(i >> 8), byte(i)})
}

// TestMain runs the tests in a network namespace, or here if there can be none.
func TestMain(m *testing.M) {
	if os.Getenv(inside) == "" {
		code, err := again()
		if err == nil {
			os.Exit(code)
		}
		fmt.Fprintln(os.Stderr, "no namespace:", err)
	} else {
		if err := bring(public); err != nil {
			fmt.Fprintln(os.Stderr, "in the namespace:", err)
			os.Exit(1)
		}
		in = public
	}
	os.Exit(m.Run())
}

// again runs this program in a namespace, and returns its exit code. An error means that there is no namespace.
func again() (int, error) {
	c := exec.Command("/proc/self/exe", os.Args[1:]...)
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	c.Env = append(os.Environ(), inside+"=1")
	c.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}, GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	if err := c.Start(); err != nil {
		return 0, err
	}
	if exit := (*exec.ExitError)(nil); errors.As(c.Wait(), &exit) {
		return max(1, exit.ExitCode()), nil
	}
	return 0, nil
}

// bring brings the loopback device up and gives it the networks, a /8 each.
func bring(n networks) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP | unix.IFF_LOOPBACK | unix.IFF_RUNNING)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo); err != nil {
		return fmt.Errorf("lo up: %w", err)
	}
	for i, first := range []byte{n.nodes, n.honest, n.attackers} {
		alias, err := unix.NewIfreq(fmt.Sprintf("lo:%d", i))
		if err != nil {
			return err
		}
		if err := alias.SetInet4Addr([]byte{first, 0, 0, 1}); err != nil {
			return err
		}
		if err := unix.IoctlIfreq(fd, unix.SIOCSIFADDR, alias); err != nil {
			return fmt.Errorf("address of %d.0.0.0/8: %w", first, err)
		}
	}
	return nil
}

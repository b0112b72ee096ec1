// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ethpeer/ethpeer/cmd/ethpeer/internal/option"
	"github.com/ethpeer/ethpeer/crawl"
	"github.com/ethpeer/ethpeer/enr"
)

// maxRecordText bounds the text of a record: at most 300 bytes (devp2p/enr.md#rlp-encoding) in base64
// (devp2p/enr.md#text-encoding), with space around it.
const maxRecordText = 1 << 10

func (p *program) enrCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "enr",
		Short: "Read and write node records",
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(p.enrDecodeCommand(), p.enrEncodeCommand())
	return cmd
}

func (p *program) enrDecodeCommand() *cobra.Command {
	var json option.Option
	cmd := &cobra.Command{
		Use:   "decode RECORD|-",
		Short: "Print what a node record says",
		Long: `decode reads a record, enr: and base64, from its argument or, with -, from standard input. It verifies
the signature and prints every entry: on a terminal a line each, on a pipe one JSON object.`,
		Example: `  ethpeer enr decode enr:-IS4Q…
  ethpeer bootnode --port 0 | head -1 | jq -r .record | ethpeer enr decode -`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("enr decode takes one record, or - for standard input; see ethpeer enr decode --help")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			text := args[0]
			if text == "-" {
				b, err := io.ReadAll(io.LimitReader(p.in, maxRecordText))
				if err != nil {
					return failure{fmt.Errorf("standard input: %w", err)}
				}
				text = string(b)
			}
			r, err := parseRecord(text)
			if err != nil {
				return err
			}
			return p.show(&settings{json: json.On()}, recordFields(r))
		},
	}
	p.options(cmd).No(&json, "json", jsonUsage)
	return cmd
}

// parseRecord reads a record. Its errors quote nothing of the text, which may be a secret in the wrong place.
func parseRecord(text string) (*enr.Record, error) {
	text = strings.TrimSpace(text)
	if option.MaybePrivate(text) {
		return nil, errors.New("this may be a private key, which must stay secret; want a record, enr: and base64")
	}
	r, err := enr.ParseText(text)
	if err != nil {
		return nil, fmt.Errorf("%w; copy the whole record, from enr: to its end", err)
	}
	return r, nil
}

// recordFields returns the content of a record (devp2p/enr.md#record-structure). A known key has a form of
// its own, any other is in hexadecimal digits.
func recordFields(r *enr.Record) []field {
	public := r.PublicKey().Bytes()
	fields := []field{
		{"seq", r.Seq()}, {"id", r.ID().String()}, {"public", hex.EncodeToString(public[:])}, {"enode", r.Node().URL()},
	}
	add := func(name string, value any, ok bool) {
		if ok {
			fields = append(fields, field{name, value})
		}
	}
	ip4, ok := r.IP4()
	add("ip", ip4.String(), ok)
	ip6, ok := r.IP6()
	add("ip6", ip6.String(), ok)
	for _, port := range []struct {
		key string
		get func() (uint16, bool)
	}{{"tcp", r.TCP}, {"udp", r.UDP}, {"tcp6", r.TCP6}, {"udp6", r.UDP6}} {
		if _, has := r.Get(port.key); has {
			n, ok := port.get()
			add(port.key, n, ok)
		}
	}
	if _, _, ok := r.Eth(); ok {
		add("eth", crawl.ForkOf(r), true)
	}
	for _, key := range r.Keys() {
		if !known[key] {
			raw, _ := r.Get(key)
			add(key, "0x"+hex.EncodeToString(raw), true)
		}
	}
	return append(fields, field{"signature", "valid"})
}

// known are the keys for which recordFields has a form.
var known = map[string]bool{
	"id": true, "secp256k1": true, "ip": true, "ip6": true, "tcp": true, "tcp6": true, "udp": true, "udp6": true, "eth": true,
}

func (p *program) enrEncodeCommand() *cobra.Command {
	var nodeKey, seq, ip, ip6, tcp, udp, fork option.Option
	cmd := &cobra.Command{
		Use:   "encode --nodekey FILE",
		Short: "Sign a node record, and print it",
		Example: `  ethpeer enr encode --nodekey node.key --ip 203.0.113.7 --tcp 30303 --udp 30303
  ethpeer enr encode --nodekey node.key --seq 7 --ip6 2001:db8::7 --udp 30303 --eth 0x07c9462e,0`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if nodeKey.Text() == "" {
				return errors.New("enr encode: a record is signed: name the key, with --nodekey FILE")
			}
			var s settings
			if err := s.takeKey(&nodeKey); err != nil {
				return err
			}
			b, number, err := buildRecord(&seq, &ip, &ip6, &tcp, &udp, &fork)
			if err != nil {
				return err
			}
			p.warn(&s, p.logger(&s))
			r, err := b.Sign(s.key, number)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), r.Text())
			return err
		},
	}
	d := p.options(cmd)
	d.Word(&nodeKey, "nodekey", "FILE", "", "the private key to sign with (required)")
	d.Word(&seq, "seq", "N", "1", "sequence number; must be higher than that of the record before")
	d.Word(&ip, "ip", "IPv4", "", "address")
	d.Word(&ip6, "ip6", "IPv6", "", "address")
	d.Word(&tcp, "tcp", "PORT", "", "where it accepts peers")
	d.Word(&udp, "udp", "PORT", "", "where it does discovery")
	d.Word(&fork, "eth", "HASH,NEXT", "", "fork ID: four bytes in hexadecimal digits, and the next fork or 0")
	return cmd
}

func buildRecord(seq, ip, ip6, tcp, udp, fork *option.Option) (b *enr.Builder, number uint64, err error) {
	b = new(enr.Builder)
	if number, err = option.Number(seq, 0, 1<<64-1); err != nil {
		return nil, 0, err
	}
	for _, o := range []struct {
		*option.Option
		is   func(netip.Addr) bool
		want string
	}{{ip, netip.Addr.Is4, "an IPv4 address"}, {ip6, isIPv6, "an IPv6 address that is no IPv4 address"}} {
		addr, err := option.IP(o.Option, o.is, o.want)
		if err != nil {
			return nil, 0, err
		}
		if addr.IsValid() {
			b.SetIP(addr)
		}
	}
	for _, o := range []struct {
		*option.Option
		set func(uint16)
	}{{tcp, b.SetTCP}, {udp, b.SetUDP}} {
		port, err := option.Port(o.Option)
		if err != nil {
			return nil, 0, err
		}
		if port != 0 {
			o.set(port)
		}
	}
	if fork.Text() == "" {
		return b, number, nil
	}
	hash, next, ok := parseFork(fork.Text())
	if !ok {
		return nil, 0, fork.Wrong(fork.Text(), "a fork ID such as 0x07c9462e,0")
	}
	b.SetEth(hash, next)
	return b, number, nil
}

func isIPv6(a netip.Addr) bool { return a.Is6() && !a.Is4In6() }

func parseFork(text string) (hash [4]byte, next uint64, ok bool) {
	first, second, both := strings.Cut(text, ",")
	b, err := hex.DecodeString(strings.TrimPrefix(strings.ToLower(strings.TrimSpace(first)), "0x"))
	if err != nil || len(b) != len(hash) || !both {
		return hash, 0, false
	}
	next, err = option.Number(option.Of("", strings.TrimSpace(second)), 0, 1<<64-1)
	return [4]byte(b), next, err == nil
}

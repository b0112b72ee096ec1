// SPDX-License-Identifier: Apache-2.0

package terminal

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/types"
)

// generic is an event.Fields that shows each known field by its name: the line of a kind
// that has no words of its own here.
type generic struct{ b []byte }

func (g *generic) name(name string) { g.b = append(append(append(g.b, "  "...), name...), ' ') }

func (g *generic) Hash(name string, v types.Hash, known bool) {
	if known {
		g.name(name)
		g.b = appendHash(g.b, v)
	}
}

func (g *generic) ID(name string, v enr.ID, known bool) {
	if known {
		g.name(name)
		g.b = fmt.Appendf(g.b, "%x…", v[:4])
	}
}

func (g *generic) Address(name string, v *types.Address, known bool) {
	switch {
	case !known:
	case v == nil:
		g.Text(name, "none", true)
	default:
		g.name(name)
		g.b = fmt.Appendf(g.b, "0x%x…", v[:3])
	}
}

func (g *generic) Endpoint(name string, v netip.AddrPort, known bool) {
	g.Text(name, v.String(), known)
}

func (g *generic) Text(name, v string, known bool) {
	if known {
		g.name(name)
		g.b = appendText(g.b, v, maxCause)
	}
}

func (g *generic) Uint(name string, v uint64, known bool) {
	if known {
		g.name(name)
		g.b = fmt.Append(g.b, v)
	}
}

func (g *generic) Amount(name string, v *uint256.Int, known bool) {
	if known {
		g.name(name)
		g.b = append(append(g.b, v.Dec()...), " wei"...)
	}
}

func (g *generic) Duration(name string, v time.Duration, known bool) {
	if known {
		g.name(name)
		g.b = appendDuration(g.b, v)
	}
}

func (g *generic) Bool(name string, v, known bool) {
	if known {
		g.name(name)
		g.b = fmt.Append(g.b, v)
	}
}

func (g *generic) Flag(name string, v bool) {
	if v {
		g.b = append(append(g.b, "  "...), name...)
	}
}

func (g *generic) Losses(name string, v []event.Lost, known bool) {
	for i := range v {
		if known {
			g.name(name)
			g.b = appendText(fmt.Appendf(g.b, "%d: ", v[i].Count), v[i].Where, maxName)
		}
	}
}

func (g *generic) Absences(name string, v []event.Absence, known bool) {
	for i := range v {
		if known {
			g.name(name)
			g.b = appendDuration(fmt.Appendf(g.b, "%x… ", v[i].Peer[:4]), v[i].For)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package dns

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/discover/dnstree"
)

var (
	errSequence = errors.New("root is older than the one before")
	errNode     = errors.New("node among links")
	errLink     = errors.New("link among nodes")
)

// A list is one list's root, and the state of its tree syncs (EIP-1459, "DNS Record Structure").
type list struct {
	url  dnstree.URL
	root dnstree.Root
	read bool // there is a root

	checked      time.Time // when the root was last looked up, with or without success
	rootFailures int       // in a row
	leafFailures int       // since the root was read

	links  *treeSync
	found  []dnstree.URL // on this tree sync
	linked []dnstree.URL // on the last one that ended
	nodes  *treeSync
	again  time.Time // when the next tree sync of nodes begins, if this one is done
}

// What can be done for a list.
type kind uint8

const (
	readRoot kind = iota
	readLink
	readNode
)

// rootDue reports whether the root must be read before anything else is.
func (l *list) rootDue(now time.Time) bool {
	return !l.read || l.leafFailures > leafPatience || !now.Before(l.checked.Add(rootAge))
}

// due returns when there is something to do.
func (l *list) due(now time.Time) time.Time {
	switch {
	case l.rootDue(now):
		return l.checked.Add(rootBackoff(l.rootFailures))
	case !l.links.done() || !l.nodes.done():
		return now
	case l.again.Before(l.checked.Add(rootAge)):
		return l.again
	}
	return l.checked.Add(rootAge)
}

// next returns what is to be done first: the root, then all links, then the nodes.
func (l *list) next(now time.Time) kind {
	switch {
	case l.rootDue(now):
		return readRoot
	case !l.links.done():
		return readLink
	case l.nodes.done():
		l.nodes = newTreeSync(now, l.root.Nodes, maxNodes)
	}
	return readNode
}

// onRoot takes the answer for the root. Ours stays unless the new sequence number is at least as
// high (EIP-1459, "Client Protocol"): an older root is a rollback attempt, or a stale cache.
func (l *list) onRoot(now time.Time, texts []string, err error) error {
	l.checked = now
	var root dnstree.Root
	if err == nil {
		root, err = dnstree.FindRoot(texts, l.url.Key)
	}
	if err == nil && l.read && root.Seq < l.root.Seq {
		err = fmt.Errorf("%w: %d after %d", errSequence, root.Seq, l.root.Seq)
	}
	if err != nil {
		l.rootFailures++
		return err
	}
	l.root, l.read, l.rootFailures, l.leafFailures = root, true, 0, 0
	if l.links == nil || l.links.top != root.Links || l.links.done() && l.links.failed > 0 {
		l.links, l.found = newTreeSync(now, root.Links, maxLinks), nil
	}
	if l.nodes == nil || l.nodes.top != root.Nodes {
		l.nodes = newTreeSync(now, root.Nodes, maxNodes)
	}
	return nil
}

// onLink takes the entry of one place of the link tree, or its failure.
func (l *list) onLink(i int, e dnstree.Entry, err error) error {
	if _, ok := e.(dnstree.Node); ok {
		err = errNode
	}
	if err != nil {
		l.leafFailures++
		l.links.onFailure(i, isFinal(err))
	} else {
		l.links.onEntry(i, e)
	}
	if url, ok := e.(dnstree.URL); ok {
		l.found = append(l.found, url)
	}
	if l.links.done() {
		l.onLinksRead()
	}
	return err
}

// onLinksRead ends a tree sync of the links. An earlier link stays if it could be in an entry that
// failed.
func (l *list) onLinksRead() {
	if l.links.failed > 0 {
		for _, url := range l.linked {
			if len(l.found) < maxLinks && !slices.Contains(l.found, url) {
				l.found = append(l.found, url)
			}
		}
	}
	l.linked, l.found = l.found, nil
}

// onNode takes the entry of one place of the node tree, or its failure.
func (l *list) onNode(now time.Time, i int, e dnstree.Entry, err error) error {
	if _, ok := e.(dnstree.URL); ok {
		err = errLink
	}
	if err != nil {
		l.leafFailures++
		l.nodes.onFailure(i, isFinal(err))
	} else {
		l.nodes.onEntry(i, e)
	}
	if !l.nodes.done() {
		return err
	}
	switch {
	case l.nodes.leaves > 0:
		l.again = l.nodes.began.Add(syncGap)
	case l.nodes.failed > 0:
		l.again = now.Add(idleGap)
	default:
		l.again = now.Add(rootAge)
	}
	return err
}

// isFinal reports whether the entry is what its signer published, so that a retry would not help.
func isFinal(err error) bool {
	for _, final := range []error{errNode, errLink, dnstree.ErrBranch, dnstree.ErrNode, dnstree.ErrLink, dnstree.ErrUnknown} {
		if errors.Is(err, final) {
			return true
		}
	}
	return false
}

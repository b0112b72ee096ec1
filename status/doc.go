// SPDX-License-Identifier: Apache-2.0

// Package status says how a running node is, to programs of the same user.
//
// In: what a [Backend] holds, read from its snapshots. Out: a [Report], as one JSON document on each
// connection to a Unix socket. [Serve] owns the socket; [Fetch] reads one report; [Collect] makes one
// without a socket.
//
//	go status.Serve(ctx, filepath.Join(dir, status.SocketName), node)
//	…
//	report, err := status.Fetch(ctx, filepath.Join(dir, status.SocketName))
//
// The socket has mode 0600 from its first instant: it is bound under another name, and renamed when its
// mode is set. A socket that a killed process left is replaced. A client sends nothing; what it sends
// is not read.
//
// # Limits
//
//	path of a socket          107 bytes, as sockaddr_un has room for (MaxPath)
//	clients at a time         8; further ones are closed at once
//	time for a client         5 s to read its report
//	a report                  16 MiB (MaxReport)
//	peers in a report         1,000; Report.More counts the others
//	clique blocks looked at   256
package status

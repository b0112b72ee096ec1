// SPDX-License-Identifier: Apache-2.0

// Package engine lets a consensus client name the head: it listens for the Engine API
// (https://github.com/ethereum/execution-apis/tree/main/src/engine).
//
// In: JSON-RPC over HTTP/1.1 with a JWT (HS256). Out: the head of each forkchoice update, to the believe
// function of [Server.Run]; the block of each new payload, to [Backend.AddBlock]; troubles and losses as events.
//
// # Answers
//
// Nothing is executed here, so the payload status is SYNCING always and VALID never. It is INVALID only where the block
// hash of a payload is not that of the header which the payload describes. The consensus client then follows
// the chain optimistically, and its validators have no duties: payload attributes get no payload ID, and getPayload* is an
// error. Any version of a method is answered, so a fork that changes only a version needs no release.
//
//	engine_newPayload*            SYNCING, or INVALID; a valid block hash hands header and body to the backend
//	engine_forkchoiceUpdated*     SYNCING, payloadId null; names the head
//	engine_exchangeCapabilities   what is answered, without itself
//	engine_getClientVersion*      this client
//	engine_exchangeTransitionConfiguration*  the client's own configuration
//	engine_getPayloadBodies*      from the backend
//	engine_getPayload*            error -38001
//	engine_getBlobs*              null: there is no blob
//	eth_chainId, net_version, eth_blockNumber, eth_syncing
//
// # Order
//
// A [Server] listens before the rest of a node is ready, because a consensus client whose execution client does not
// answer imports no block. [Server.Attach] gives it the backend later.
//
// # Limits
//
//	one request at a time   others wait for their turn
//	connections             32; more are closed at once
//	header                  16 KiB, within 5 s
//	body                    128 MiB, charged to Config.Budget as it arrives, within 60 s
//	batch                   128 requests
//	answer                  64 MiB; 32 payload bodies
//	recent payloads         64 headers
//
// The Server's state belongs to the request that has its turn.
package engine

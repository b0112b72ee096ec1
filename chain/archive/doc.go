// SPDX-License-Identifier: Apache-2.0

// Package archive reads blocks from files into a chain, and writes a chain to files.
//
// In and out: files of blocks in RLP, one after the other, as geth's import and export have them, plain or compressed
// with gzip; and era1 files, which history archives are made of
// (https://github.com/eth-clients/e2store-format-specs/blob/main/formats/era1.md): up to 8,192 blocks from before the merge
// with receipts, total difficulties and an accumulator over both.
//
//	done, err := archive.Import(ctx, c, file, archive.Options{Progress: show})
//	done, err = archive.ExportRLP(ctx, c, file, 0, c.Head().Number, archive.Options{})
//
// Each block is checked as one that a peer sends, by the chain. On a merged chain the last block of a file becomes the
// head. Blocks that are held are skipped, so that an import that was interrupted can be repeated. An [*Error] says at
// which byte and block a file is wrong; the blocks before it are in the chain.
//
// Files are streamed: memory holds at most 192 blocks or 16 MiB, and one block more. A block has at most 64 MiB.
package archive

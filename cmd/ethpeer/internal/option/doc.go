// SPDX-License-Identifier: Apache-2.0

// Package option reads the settings that a user may give as a flag, as a variable or in a
// configuration file.
//
//	set := option.For(cmd)
//	set.Word(&port, "port", "PORT", "30303", "TCP port to listen on")
//	…
//	warnings, err := set.Fill(environment)
//	n, err := option.Number(&port, 0, 65535)
//
// In: the flags of a command, environment variables, a TOML file, and the files that values
// name. Out: one value for each [Option], with where it was given; values of the kinds that
// the commands need ([Number], [Listen], [Peers], [ReadKey], …); and the text of a file that
// reads back to the same settings ([Set.TOML]).
//
// The rule is that of docs/config.md: a flag wins over a variable, a variable over the file, the file over
// the default; the winner's value replaces all others. A value that is given and empty means none, never the
// default. Where a setting cannot be none, an empty value is an error.
//
// Errors are one sentence: where the value was given, what is wrong, what to do. No error quotes a possible
// private key.
//
// Owner: a Set and its Options belong to the goroutine that runs the command.
//
// Limits: a configuration file has at most 1 MiB, a file of nodes 4 MiB, a key file 1 KiB.
package option

/// An embedded IRC server on Netty: for a group that has none, for the demo, for tests.
///
/// `IrcServer` is the server without sockets and clocks: lines in, effects out, one owner. It holds
/// a table of commands, each carried out by the class of its chapter (`Registration`, `Channels`,
/// `Talk` …), over the one state in `World`. `Outbox` turns what they say into lines with the tags
/// that each receiver asked for. `Ircd`, `IrcLoop`, `ConnectionHandler` and `FrameDecoder` are the
/// shell: bytes to lines, flood control, send queues, TLS. Inside, a line is a string in which
/// every char is one byte (`Wire`).
@NullMarked
package org.svcshare.ircd;

import org.jspecify.annotations.NullMarked;

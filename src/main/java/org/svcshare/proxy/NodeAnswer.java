package org.svcshare.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;

/// What a node said to a write.
///
/// @param headers without those of the connection
/// @param body on the heap, read only by duplicates
/// @param tooLong whether the body was longer than is kept; `body` is empty then
record NodeAnswer(int status, HttpHeaders headers, ByteBuf body, boolean tooLong) {}

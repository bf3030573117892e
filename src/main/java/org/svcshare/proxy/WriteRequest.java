package org.svcshare.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Optional;

/// A write as it is kept and as every node gets it.
///
/// @param method upper case
/// @param target path and query, as the client sent it
/// @param headers for the nodes: without those that belong to the client's connection
/// @param key under which a node knows it again
/// @param ofClient whether the client chose the key
/// @param fingerprint of method, target and body: what tells a repetition from another write
/// @param tag a number that nobody can guess, part of the name under which the client may ask
/// @param atMs when it came, in milliseconds of the epoch
/// @param body on the heap, read only by duplicates; empty where it is in a file
/// @param file name of the body's file in the spool; empty where it is not in one
/// @param sizeBytes of the body
record WriteRequest(
        String method,
        String target,
        HttpHeaders headers,
        String key,
        boolean ofClient,
        long fingerprint,
        long tag,
        long atMs,
        ByteBuf body,
        Optional<String> file,
        long sizeBytes) {

    /// What it takes in memory, roughly: a header field is an entry and two texts.
    long weightBytes() {
        return body.readableBytes() + 500L + 2L * target.length() + 200L * headers.size();
    }

    /// Under which its client may ask what has become of it.
    String id(long position) {
        return position + "-" + Long.toHexString(tag);
    }
}

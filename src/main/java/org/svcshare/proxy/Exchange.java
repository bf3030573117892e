package org.svcshare.proxy;

import io.netty.handler.codec.http.HttpContent;

/// One request of a client and its answer. For the event loop of the client's connection.
interface Exchange {
    /// A part of the request's body, the last one with its end; owns it.
    void content(HttpContent content);

    /// The client takes more again.
    void writable();

    /// The client is gone.
    void gone();
}

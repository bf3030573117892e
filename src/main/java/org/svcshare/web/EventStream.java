package org.svcshare.web;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;

/// An answer of server-sent events. Only on its event loop.
///
/// Who reads too slowly is dropped, instead of keeping what it has not read.
final class EventStream {
    /// Unread bytes; a waiter's events are some hundred bytes.
    private static final int QUEUE_BYTES = 256 * 1024;

    private static final Buffer HEARTBEAT = Buffer.buffer(":\n\n");

    private final Call call;
    private final HttpServerResponse response;
    private final boolean endless;
    private boolean over;

    /// @param endless whether it goes on until one side has enough, rather than until a grant
    EventStream(Call call, boolean endless) {
        this(call, endless, QUEUE_BYTES);
    }

    /// @param queueBytes how much may be unread
    EventStream(Call call, boolean endless, int queueBytes) {
        this.call = call;
        this.endless = endless;
        this.response = call.request.response();
        response.setWriteQueueMaxSize(queueBytes);
        call.loop.opened(this);
        heartbeat();
    }

    boolean endless() {
        return endless;
    }

    void send(Buffer event) {
        if (over || call.gone()) {
            return;
        }
        if (response.writeQueueFull()) {
            call.loop.site.counts().slowReader();
            drop();
            return;
        }
        response.write(event);
    }

    /// Sends what the client asked for, however fast it reads.
    ///
    /// @param then when it is on its way, and nothing of it is kept here any more; never called
    ///   when the client is gone
    void send(Buffer part, Runnable then) {
        if (!over && !call.gone()) {
            response.write(part).onSuccess(_ -> call.loop.mailbox.post(then::run));
        }
    }

    /// Shows that the line is still up.
    void heartbeat() {
        send(HEARTBEAT);
    }

    void end() {
        if (!over) {
            over = true;
            call.loop.closed(this);
            if (!call.gone()) {
                response.end();
            }
            call.streamEnded();
        }
    }

    void drop() {
        over = true;
        call.loop.closed(this);
        call.from.close();
    }

    /// The client hung up.
    void lost() {
        over = true;
        call.loop.closed(this);
    }
}

package org.svcshare.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.svcshare.replica.Reply;

/// A write: all of it is taken in, then it goes into the log, and the nodes' answers decide what
/// the client hears. For the event loop of the client's connection, but for what the owner of the
/// replicas calls.
final class WriteExchange implements Exchange, WriteClient {
    private static final Pattern KEY = Pattern.compile("[!-~]{1,255}");

    private final ClientLoop home;
    private final ClientConnection client;
    private final HttpRequest request;
    private final Optional<String> key;
    private final CRC32C digest = new CRC32C();
    private ByteBuf body = Unpooled.EMPTY_BUFFER;
    private @Nullable SpoolFile file;
    private long sizeBytes;
    private boolean over;

    private WriteExchange(
            ClientLoop home, ClientConnection client, HttpRequest request, Optional<String> key) {
        this.home = home;
        this.client = client;
        this.request = request;
        this.key = key;
    }

    /// @return null when it was answered already
    static @Nullable Exchange begin(ClientLoop home, ClientConnection client, HttpRequest request) {
        HttpHeaders headers = request.headers();
        long length = HttpUtil.getContentLength(request, 0L);
        if (length > home.settings.limits().bodyBytes()) {
            client.refuse(tooLong(home));
            return null;
        }
        Optional<String> key = Optional.empty();
        String given = headers.get(HeaderRules.IDEMPOTENCY_KEY);
        if (given != null) {
            if (!KEY.matcher(given).matches()) {
                client.refuse(
                        Refusal.of(
                                HttpResponseStatus.BAD_REQUEST,
                                "The idempotency key cannot be used",
                                "expected 1 to 255 visible ASCII characters"));
                return null;
            }
            key = Optional.of(given);
        }
        if (HttpUtil.is100ContinueExpected(request)) {
            var _ =
                    client.channel()
                            .writeAndFlush(
                                    new DefaultFullHttpResponse(
                                            HttpVersion.HTTP_1_1,
                                            HttpResponseStatus.CONTINUE,
                                            Unpooled.EMPTY_BUFFER));
        }
        HeaderRules.forward(headers, client.version(), client.origin());
        return new WriteExchange(home, client, request, key);
    }

    private static Refusal tooLong(ClientLoop home) {
        return Refusal.of(
                HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
                "The body is too long",
                "a write may have at most %,d bytes".formatted(home.settings.limits().bodyBytes()));
    }

    // From the client.

    @Override
    public void content(HttpContent content) {
        ByteBuf part = content.content();
        boolean last = content instanceof LastHttpContent;
        try {
            if (over) {
                return;
            }
            sizeBytes += part.readableBytes();
            if (sizeBytes > home.settings.limits().bodyBytes()) {
                drop();
                client.refuse(tooLong(home));
                return;
            }
            if (part.isReadable()) {
                digest.update(part.nioBuffer());
                take(part);
            }
        } finally {
            content.release();
        }
        if (last && !over) {
            received();
        }
    }

    private void take(ByteBuf part) {
        SpoolFile spooled = file;
        if (spooled == null && sizeBytes > home.settings.limits().memoryBodyBytes()) {
            spooled = new SpoolFile(home.spool, home.loop, client::reading);
            file = spooled;
            spooled.add(body);
            body = Unpooled.EMPTY_BUFFER;
        }
        if (spooled != null) {
            spooled.add(Unpooled.copiedBuffer(part));
        } else {
            if (body.capacity() == 0) {
                body = Unpooled.buffer(part.readableBytes());
            }
            body.writeBytes(part);
        }
    }

    private void received() {
        SpoolFile spooled = file;
        if (spooled == null) {
            submit(Optional.empty());
        } else {
            spooled.end(failure -> {
                if (over) {
                    spooled.remove();
                } else if (failure.isPresent()) {
                    drop();
                    client.refuse(
                            Refusal.later(
                                    HttpResponseStatus.INSUFFICIENT_STORAGE,
                                    "The body cannot be kept",
                                    failure.get()));
                } else {
                    submit(Optional.of(spooled.name()));
                }
            });
        }
    }

    private void submit(Optional<String> name) {
        file = null;
        HttpHeaders headers = request.headers();
        boolean bodied =
                sizeBytes > 0
                        || headers.contains(HttpHeaderNames.CONTENT_LENGTH)
                        || headers.contains(HttpHeaderNames.TRANSFER_ENCODING);
        headers.remove(HttpHeaderNames.TRANSFER_ENCODING);
        headers.remove(HttpHeaderNames.TRAILER);
        if (bodied || !request.method().name().equals("DELETE")) {
            headers.set(HttpHeaderNames.CONTENT_LENGTH, sizeBytes);
        }
        String used = key.orElseGet(home::key);
        headers.set(HeaderRules.IDEMPOTENCY_KEY, used);
        ByteBuf bytes = body;
        body = Unpooled.EMPTY_BUFFER;
        home.owner.submit(
                new WriteRequest(
                        request.method().name(),
                        request.uri(),
                        headers,
                        used,
                        key.isPresent(),
                        fingerprint(),
                        home.tag(),
                        System.currentTimeMillis(),
                        bytes,
                        name,
                        sizeBytes),
                this);
    }

    private long fingerprint() {
        long line = (request.method().name() + " " + request.uri()).hashCode();
        return line << 32 ^ digest.getValue() ^ sizeBytes << 8;
    }

    private void drop() {
        over = true;
        body.release();
        body = Unpooled.EMPTY_BUFFER;
        SpoolFile spooled = file;
        file = null;
        if (spooled != null) {
            spooled.remove();
        }
    }

    @Override
    public void writable() {
        // Answers to writes are written whole.
    }

    /// A write that is in already goes on without its client.
    @Override
    public void gone() {
        drop();
    }

    // From the owner of the replicas.

    @Override
    public void answered(Receipt receipt, Reply reply, @Nullable NodeAnswer answer) {
        onLoop(() -> {
            switch (reply) {
                case Reply.Chosen chosen -> chosen(receipt, chosen, answer);
                case Reply.Split split ->
                        client.answer(
                                HttpResponseStatus.BAD_GATEWAY,
                                Problems.json(Problems.split(receipt, split)),
                                headers(receipt));
                case Reply.Later later ->
                        client.answer(
                                HttpResponseStatus.ACCEPTED,
                                Problems.json(Problems.later(receipt, later)),
                                placed(receipt));
            }
        });
    }

    private void onLoop(Runnable task) {
        if (home.loop.inEventLoop()) {
            unlessOver(task);
        } else {
            home.loop.execute(() -> unlessOver(task));
        }
    }

    private void unlessOver(Runnable task) {
        if (!over) {
            over = true;
            task.run();
        }
    }

    private void chosen(Receipt receipt, Reply.Chosen chosen, @Nullable NodeAnswer answer) {
        HttpResponseStatus status = HttpResponseStatus.valueOf(chosen.status());
        if (answer != null && answer.tooLong()) {
            client.answer(
                    HttpResponseStatus.BAD_GATEWAY,
                    Problems.json(
                            Map.of(
                                    "title",
                                    "The answer is too long",
                                    "status",
                                    502,
                                    "detail",
                                    "the write was answered with %d, and its answer is longer than"
                                                    .formatted(chosen.status())
                                            + " replica.limits.answer")),
                    headers(receipt));
            return;
        }
        FullHttpResponse response =
                answer == null
                        ? new DefaultFullHttpResponse(
                                HttpVersion.HTTP_1_1, status, Unpooled.EMPTY_BUFFER)
                        : new DefaultFullHttpResponse(
                                HttpVersion.HTTP_1_1,
                                status,
                                answer.body().retainedDuplicate(),
                                answer.headers().copy(),
                                EmptyHttpHeaders.INSTANCE);
        response.headers().remove(HttpHeaderNames.TRANSFER_ENCODING);
        HeaderRules.via(response.headers(), HttpVersion.HTTP_1_1);
        headers(receipt).forEach((name, value) -> response.headers().set(name, value));
        if (chosen.asked() > 0) {
            response.headers().set(HeaderRules.NODES, chosen.agreeing() + " of " + chosen.asked());
        }
        if (home.settings.session()) {
            response.headers()
                    .add(
                            HttpHeaderNames.SET_COOKIE,
                            ClientLoop.COOKIE
                                    + "="
                                    + receipt.position()
                                    + "; Path=/; HttpOnly; SameSite=Lax");
        }
        client.answer(response);
    }

    private static Map<CharSequence, String> headers(Receipt receipt) {
        var headers = new HashMap<CharSequence, String>();
        headers.put(HeaderRules.POSITION, Long.toString(receipt.position()));
        headers.put(HeaderRules.WRITE, receipt.id());
        if (receipt.repeated()) {
            headers.put("idempotency-replayed", "true");
        }
        return headers;
    }

    private static Map<CharSequence, String> placed(Receipt receipt) {
        Map<CharSequence, String> headers = headers(receipt);
        headers.put(HttpHeaderNames.LOCATION, ClientLoop.WRITES + receipt.id());
        headers.put(HttpHeaderNames.RETRY_AFTER, "1");
        return headers;
    }

    @Override
    public void refused(Refusal refusal) {
        onLoop(() -> client.refuse(refusal));
    }
}

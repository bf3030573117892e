package org.svcshare.proxy;

import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.Map;
import java.util.Optional;
import org.svcshare.replica.WriteView;

/// Where a client asks what has become of its write.
final class WritePlace implements Exchange {
    private final ClientLoop home;
    private final ClientConnection client;
    private final String method;
    private final String id;
    private boolean gone;

    WritePlace(ClientLoop home, ClientConnection client, String method, String id) {
        this.home = home;
        this.client = client;
        this.method = method;
        this.id = id;
    }

    @Override
    public void content(HttpContent content) {
        content.release();
        if (!(content instanceof LastHttpContent)) {
            return;
        }
        if (!method.equals("GET") && !method.equals("HEAD")) {
            client.refuse(
                    Refusal.of(
                            HttpResponseStatus.METHOD_NOT_ALLOWED,
                            "This can be read only",
                            "ask with GET"));
            return;
        }
        home.owner.write(id, view -> home.loop.execute(() -> answer(view)));
    }

    private void answer(Optional<WriteView> view) {
        if (gone) {
            return;
        }
        if (view.isEmpty()) {
            client.refuse(
                    Refusal.of(
                            HttpResponseStatus.NOT_FOUND,
                            "No such write",
                            "there is none, or every node has had it for long"));
        } else {
            client.answer(
                    HttpResponseStatus.OK, Problems.json(Problems.write(view.get())), Map.of());
        }
    }

    @Override
    public void writable() {
        // The answer is short.
    }

    @Override
    public void gone() {
        gone = true;
    }
}

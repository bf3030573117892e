package org.svcshare.client;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import javax.xml.stream.XMLStreamException;
import org.svcshare.client.ClientException.Kind;
import org.svcshare.client.ClientHttp.Answer;
import org.svcshare.client.XmlRpc.Response;
import org.svcshare.turn.QueueSnapshot;

/// hellanzb over XML-RPC, as svcshare 0.3 steered it.
///
/// Its own pause keeps the state of single items.
final class Hellanzb implements ClientProgram {
    private final ClientHttp http;
    private final String path;

    Hellanzb(ClientHttp http) {
        this.http = http;
        this.path = http.path().isEmpty() ? "/RPC2" : http.path();
    }

    @Override
    public Probe probe() throws ClientException, InterruptedException {
        Fields status = call("status", List.of(), true).asObject();
        return new Probe("hellanzb", Texts.excerpt(status.textIfAny("version").orElse("")));
    }

    @Override
    public QueueSnapshot snapshot() throws ClientException, InterruptedException {
        Fields status = call("status", List.of(), true).asObject();
        double rest = 0;
        List<Fields> queued = status.list("queued");
        for (Fields job : queued) {
            rest += job.asObject().numberIfAny("total_mb").orElse(Item.UNKNOWN_MB);
        }
        return new QueueSnapshot(
                status.number("queued_mb"),
                rest,
                queued.size(),
                (long) (status.numberIfAny("rate").orElse(0) * 1024),
                status.flag("is_paused"),
                0);
    }

    @Override
    public void pause() throws ClientException, InterruptedException {
        call("pause", List.of(), false);
    }

    @Override
    public void resume() throws ClientException, InterruptedException {
        call("continue", List.of(), false);
    }

    @Override
    public List<String> enqueue(List<String> ids) throws ClientException, InterruptedException {
        return Ids.each(
                ids,
                id -> {
                    if (Ids.isUrl(id, Ids.WEB)) {
                        call("enqueueurl", List.of(id), false);
                    } else {
                        call("enqueuenewzbin", List.of(Ids.plain(id)), false);
                    }
                    return id;
                });
    }

    @Override
    public void limit(long bytesPerSecond) throws ClientException, InterruptedException {
        long kib = Math.ceilDiv(Math.max(0, bytesPerSecond), 1024L);
        call("maxrate", List.of((Object) Math.min(kib, Integer.MAX_VALUE)), false);
    }

    private Fields call(String method, List<Object> params, boolean reading)
            throws ClientException, InterruptedException {
        HttpRequest request =
                http.withBasic(http.request(path))
                        .header("Content-Type", "text/xml")
                        .POST(BodyPublishers.ofByteArray(XmlRpc.call(method, params)))
                        .build();
        Answer answer = reading ? http.read(request) : http.write(request);
        if (!answer.ok()) {
            throw http.refused(answer, "client.user and client.password");
        }
        Response response;
        try {
            response = XmlRpc.response(answer.text());
        } catch (XMLStreamException e) {
            throw http.failure(
                    Kind.MALFORMED,
                    "expected an XML-RPC answer, got \"" + Texts.excerpt(answer.text()) + "\"");
        }
        var value = new Fields(response.value(), "the answer", http.where());
        if (response.fault()) {
            String why = value.textIfAny("faultString").orElse("no reason given");
            throw http.failure(Kind.REJECTED, "it refused " + method + ": " + Texts.excerpt(why));
        }
        return value;
    }

    @Override
    public void close() {
        http.close();
    }
}

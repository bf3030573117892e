package org.svcshare.it;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// aria2c, loading over HTTP.
final class Aria2ClientIT extends ClientContractIT {

    @Override
    RealPart start(Path folder, int port) {
        return RealPart.start(
                folder,
                Map.of("HOME", folder.toString()),
                List.of(
                        RealPart.find("aria2c").toString(),
                        "--no-conf",
                        "--enable-rpc",
                        "--rpc-listen-port=" + port,
                        "--rpc-secret=" + PASSWORD,
                        "--dir=" + folder,
                        "--disable-ipv6",
                        "--enable-dht=false",
                        "--split=1",
                        "--file-allocation=none"));
    }

    @Override
    String type() {
        return "aria2";
    }

    @Override
    String name() {
        return "aria2";
    }

    @Override
    URI link(String name) {
        return served("/" + name + ".bin");
    }

    @Override
    void pauseByHand(URI url, String id) throws Exception {
        String body =
                json(
                        Map.of(
                                "jsonrpc", "2.0",
                                "id", "1",
                                "method", "aria2.forcePause",
                                "params", List.of("token:" + PASSWORD, id)));
        ask(HttpRequest.newBuilder(url.resolve("/jsonrpc")).POST(BodyPublishers.ofString(body)));
    }
}

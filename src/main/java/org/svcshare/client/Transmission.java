package org.svcshare.client;

import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.svcshare.client.ClientException.Kind;
import org.svcshare.client.ClientHttp.Answer;
import org.svcshare.client.Item.State;
import org.svcshare.config.ClientSettings;
import org.svcshare.turn.QueueSnapshot;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Transmission over its RPC, in both dialects: the old one with names of several styles, and from
/// 4.1 (RPC 6.0.0) JSON-RPC 2.0 with snake case throughout.
///
/// It has no pause of its own: torrents are stopped one by one; see [ItemPause]. Those that only
/// seed are left alone.
final class Transmission implements ClientProgram, ItemPause.Program {
    private static final String SESSION = "X-Transmission-Session-Id";
    private static final String RPC_VERSION = "X-Transmission-Rpc-Version";
    private static final Pattern SESSION_ID = Pattern.compile("[!-~]{1,200}");
    private static final int FIRST_NEW_RPC = 6;
    private static final int AT_ONCE = 5000;

    private static final List<String> LISTED =
            List.of("hash_string", "status", "left_until_done", "metadata_percent_complete");

    /// The old names, where more than the line between the words changed.
    private static final Map<String, String> OLD_NAMES =
            Map.ofEntries(
                    Map.entry("hash_string", "hashString"),
                    Map.entry("left_until_done", "leftUntilDone"),
                    Map.entry("metadata_percent_complete", "metadataPercentComplete"),
                    Map.entry("download_speed", "downloadSpeed"));

    private final ClientHttp http;
    private final String path;
    private final String category;
    private final ItemPause holder;

    private String session = "";
    private boolean jsonRpc2;

    Transmission(ClientHttp http, ClientSettings settings, PausedItems paused) {
        this.http = http;
        this.path =
                http.path().isEmpty()
                        ? "/transmission/rpc"
                        : http.path().endsWith("/rpc") ? http.path() : http.path() + "/rpc";
        this.category = settings.category().orElse("");
        this.holder = new ItemPause(this, paused, http.where(), http.timeout());
    }

    @Override
    public Probe probe() throws ClientException, InterruptedException {
        ObjectNode arguments = Fields.JSON.createObjectNode();
        arguments.putArray("fields").add("version");
        Fields session = call("session_get", arguments, true);
        return new Probe("Transmission", Texts.excerpt(session.text("version")));
    }

    @Override
    public QueueSnapshot snapshot() throws ClientException, InterruptedException {
        List<Item> items = items();
        Fields stats = call("session_stats", Fields.JSON.createObjectNode(), true);
        return holder.snapshot(items, (long) stats.number(name("download_speed")));
    }

    @Override
    public List<Item> items() throws ClientException, InterruptedException {
        ObjectNode arguments = Fields.JSON.createObjectNode();
        LISTED.forEach(arguments.putArray("fields")::add);
        Fields result = call("torrent_get", arguments, true);
        var items = new ArrayList<Item>();
        for (Fields torrent : result.list("torrents")) {
            torrent.asObject();
            double left = torrent.number(name("left_until_done"));
            // A magnet has nothing left until it knows what there is.
            boolean known = torrent.numberIfAny(name("metadata_percent_complete")).orElse(1) >= 1;
            if (left > 0 || !known) {
                String hash = torrent.text(name("hash_string"));
                double mb = Item.mb(left, known);
                switch ((int) torrent.number("status")) {
                    case 0 -> items.add(new Item(hash, State.STOPPED, mb));
                    case 4 -> items.add(new Item(hash, State.LOADING, mb));
                    // Queued, or checked first: would load without further ado.
                    case 1, 2, 3 -> items.add(new Item(hash, State.WAITING, mb));
                    default -> {
                        // Seeds, or will.
                    }
                }
            }
        }
        return items;
    }

    @Override
    public void pause() throws ClientException, InterruptedException {
        holder.pause();
    }

    @Override
    public void resume() throws ClientException, InterruptedException {
        holder.resume();
    }

    @Override
    public void stop(List<Item> items) throws ClientException, InterruptedException {
        each("torrent_stop", items);
    }

    @Override
    public void start(List<Item> items) throws ClientException, InterruptedException {
        each("torrent_start", items);
    }

    private void each(String method, List<Item> items)
            throws ClientException, InterruptedException {
        for (int from = 0; from < items.size(); from += AT_ONCE) {
            ObjectNode arguments = Fields.JSON.createObjectNode();
            // Never without ids: that would mean all.
            ArrayNode ids = arguments.putArray("ids");
            items.subList(from, Math.min(from + AT_ONCE, items.size()))
                    .forEach(item -> ids.add(item.id()));
            call(method, arguments, false);
        }
    }

    @Override
    public List<String> enqueue(List<String> ids) throws ClientException, InterruptedException {
        List<String> taken = Ids.each(ids, this::add);
        if (holder.holding()) {
            holder.pause();
        }
        return taken;
    }

    private String add(String id) throws ClientException, InterruptedException {
        ObjectNode arguments = Fields.JSON.createObjectNode();
        arguments.put("filename", Ids.torrent(id, Ids.TORRENT));
        if (!category.isEmpty()) {
            arguments.putArray("labels").add(category);
        }
        Fields result = call("torrent_add", arguments, false);
        for (String outcome : List.of("torrent_added", "torrent_duplicate")) {
            if (result.has(name(outcome))) {
                return Texts.excerpt(result.object(name(outcome)).text(name("hash_string")));
            }
        }
        throw result.malformed("it tells neither a new torrent nor a known one");
    }

    @Override
    public void limit(long bytesPerSecond) throws ClientException, InterruptedException {
        ObjectNode arguments = Fields.JSON.createObjectNode();
        if (bytesPerSecond > 0) {
            // kB of 1000 bytes; 0 would stop everything.
            arguments.put("speed_limit_down", Math.max(1, bytesPerSecond / 1000));
        }
        arguments.put("speed_limit_down_enabled", bytesPerSecond > 0);
        call("session_set", arguments, false);
    }

    private String name(String snake) {
        if (jsonRpc2) {
            return snake;
        }
        String old = OLD_NAMES.get(snake);
        return old != null ? old : snake.replace('_', '-');
    }

    private Fields call(String method, ObjectNode arguments, boolean reading)
            throws ClientException, InterruptedException {
        Answer answer = send(method, arguments, reading);
        if (answer.status() == 409) {
            // Refused before anything was done; the new id is in it, and the dialect.
            String id = answer.headers().firstValue(SESSION).orElse("");
            if (!SESSION_ID.matcher(id).matches()) {
                throw http.failure(Kind.MALFORMED, "HTTP 409 without " + SESSION);
            }
            session = id;
            jsonRpc2 =
                    answer.headers()
                            .firstValue(RPC_VERSION)
                            .map(version -> major(version) >= FIRST_NEW_RPC)
                            .orElse(false);
            answer = send(method, arguments, reading);
        }
        if (!answer.ok()) {
            throw refused(answer);
        }
        Fields json = http.json(answer).asObject();
        return jsonRpc2 ? newResult(method, json) : oldResult(method, json);
    }

    private ClientException refused(Answer answer) {
        return switch (answer.status()) {
            case 403 ->
                    http.failure(
                            Kind.UNAUTHORISED,
                            "HTTP 403; it does not take our address: look at its rpc-whitelist");
            case 421 ->
                    http.failure(
                            Kind.UNAUTHORISED,
                            "HTTP 421; it does not take that host name: use its address in"
                                    + " client.url, or add the name to its rpc-host-whitelist");
            default -> http.refused(answer, "client.user and client.password");
        };
    }

    private static int major(String version) {
        String digits = version.split("\\.", 2)[0].strip();
        return digits.matches("\\d{1,6}") ? Integer.parseInt(digits) : 0;
    }

    private Fields newResult(String method, Fields json) throws ClientException {
        if (json.has("error")) {
            Fields error = json.object("error");
            String message = error.textIfAny("message").orElse("no reason given");
            if (error.has("data")) {
                message = error.member("data").textIfAny("error_string").orElse(message);
            }
            boolean unknown = error.textIfAny("code").orElse("").equals("-32601");
            throw refusedCall(method, unknown, message);
        }
        return json.object("result");
    }

    private Fields oldResult(String method, Fields json) throws ClientException {
        String result = json.text("result");
        if (!result.equals("success")) {
            throw refusedCall(method, result.contains("not recognized"), result);
        }
        return json.has("arguments")
                ? json.object("arguments")
                : new Fields(Fields.JSON.createObjectNode(), "the answer", http.where());
    }

    private ClientException refusedCall(String method, boolean unknown, String why) {
        return http.failure(
                unknown ? Kind.UNSUPPORTED : Kind.REJECTED,
                "it refused " + name(method) + ": " + Texts.excerpt(why));
    }

    private Answer send(String method, ObjectNode arguments, boolean reading)
            throws ClientException, InterruptedException {
        ObjectNode body = Fields.JSON.createObjectNode();
        if (jsonRpc2) {
            body.put("jsonrpc", "2.0").put("id", 1).put("method", method);
            body.set("params", arguments);
        } else {
            body.put("method", name(method)).put("tag", 1);
            body.set("arguments", old(arguments));
        }
        var request =
                http.withBasic(http.request(path))
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofByteArray(Fields.bytes(body)));
        if (!session.isEmpty()) {
            request.header(SESSION, session);
        }
        return reading ? http.read(request.build()) : http.write(request.build());
    }

    private ObjectNode old(ObjectNode arguments) {
        ObjectNode old = Fields.JSON.createObjectNode();
        arguments.properties().forEach(e -> old.set(name(e.getKey()), e.getValue()));
        if (arguments.has("fields")) {
            ArrayNode fields = old.putArray("fields");
            arguments.get("fields").forEach(field -> fields.add(name(field.stringValue())));
        }
        return old;
    }

    @Override
    public void close() {
        http.close();
    }
}

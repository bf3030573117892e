package org.svcshare.client;

import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.svcshare.client.ClientException.Kind;
import org.svcshare.client.ClientHttp.Answer;
import org.svcshare.client.Item.State;
import org.svcshare.config.ClientSettings;
import org.svcshare.turn.QueueSnapshot;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// aria2 over JSON-RPC 2.0.
///
/// It has no pause of its own: items are paused one by one, and `unpauseAll` would wake those that
/// people paused, too; see [ItemPause].
final class Aria2 implements ClientProgram, ItemPause.Program {
    private static final int PAGE = 1000;
    private static final int MOST_PAGES = 100;

    /// Keeps a request far below aria2's bound of 2 MiB.
    private static final int AT_ONCE = 500;

    private static final List<String> KEYS =
            List.of("gid", "status", "totalLength", "completedLength", "seeder");

    private final ClientHttp http;
    private final String path;
    private final Optional<String> token;
    private final ItemPause holder;

    Aria2(ClientHttp http, ClientSettings settings, PausedItems paused) {
        this.http = http;
        this.path = http.path().endsWith("jsonrpc") ? http.path() : http.path() + "/jsonrpc";
        this.token = settings.key().or(settings::password).map(s -> "token:" + s.reveal());
        this.holder = new ItemPause(this, paused, http.where(), http.timeout());
    }

    @Override
    public Probe probe() throws ClientException, InterruptedException {
        Fields version = call(method("aria2.getVersion"), true).asObject();
        return new Probe("aria2", Texts.excerpt(version.text("version")));
    }

    @Override
    public QueueSnapshot snapshot() throws ClientException, InterruptedException {
        List<Item> items = items();
        Fields stat = call(method("aria2.getGlobalStat"), true).asObject();
        return holder.snapshot(items, (long) stat.number("downloadSpeed"));
    }

    /// Active and waiting items of one moment: asked for together, none is missed on its way from
    /// one list to the other.
    @Override
    public List<Item> items() throws ClientException, InterruptedException {
        List<Fields> first =
                together(List.of(method("aria2.tellActive", keys()), waiting(0)), true);
        if (first.size() != 2) {
            throw http.failure(Kind.MALFORMED, "two questions, " + first.size() + " answers");
        }
        var items = new ArrayList<Item>();
        var seen = new HashSet<String>();
        add(unwrapped(first.get(0)), items, seen);
        List<Fields> page = unwrapped(first.get(1));
        add(page, items, seen);
        for (int n = 1; page.size() >= PAGE && n < MOST_PAGES; n++) {
            page = call(waiting(n * PAGE), true).asList();
            add(page, items, seen);
        }
        return items;
    }

    private Method waiting(int from) {
        return method(
                "aria2.tellWaiting",
                Fields.JSON.getNodeFactory().numberNode(from),
                Fields.JSON.getNodeFactory().numberNode(PAGE),
                keys());
    }

    private static void add(List<Fields> list, List<Item> items, Set<String> seen)
            throws ClientException {
        for (Fields entry : list) {
            entry.asObject();
            String gid = entry.text("gid");
            double total = entry.number("totalLength");
            double completed = entry.number("completedLength");
            boolean known = total > 0;
            if (entry.flag("seeder") || (known && completed >= total) || !seen.add(gid)) {
                continue;
            }
            State state =
                    switch (entry.text("status")) {
                        case "active" -> State.LOADING;
                        case "paused" -> State.STOPPED;
                        default -> State.WAITING;
                    };
            items.add(new Item(gid, state, Item.mb(total - completed, known)));
        }
    }

    @Override
    public void pause() throws ClientException, InterruptedException {
        holder.pause();
    }

    @Override
    public void resume() throws ClientException, InterruptedException {
        holder.resume();
    }

    /// By force: a plain pause first says goodbye to trackers, which may take minutes.
    @Override
    public void stop(List<Item> items) throws ClientException, InterruptedException {
        each("aria2.forcePause", items);
    }

    @Override
    public void start(List<Item> items) throws ClientException, InterruptedException {
        each("aria2.unpause", items);
    }

    /// An item that is paused or gone already answers with error 1, which is no failure here.
    private void each(String name, List<Item> items) throws ClientException, InterruptedException {
        for (int from = 0; from < items.size(); from += AT_ONCE) {
            var methods = new ArrayList<Method>();
            for (Item item : items.subList(from, Math.min(from + AT_ONCE, items.size()))) {
                methods.add(method(name, Fields.JSON.getNodeFactory().stringNode(item.id())));
            }
            for (Fields result : together(methods, false)) {
                if (result.node().isObject() && unauthorised(result)) {
                    throw error(name, result);
                }
            }
        }
    }

    @Override
    public List<String> enqueue(List<String> ids) throws ClientException, InterruptedException {
        List<String> taken = Ids.each(ids, this::addUri);
        if (holder.holding()) {
            holder.pause();
        }
        return taken;
    }

    private String addUri(String id) throws ClientException, InterruptedException {
        ArrayNode uris = Fields.JSON.createArrayNode().add(Ids.torrent(id, Ids.ANY_LOAD));
        Fields gid = call(method("aria2.addUri", uris), false);
        if (!gid.node().isString()) {
            throw gid.malformed("the new item has no gid");
        }
        return Texts.excerpt(gid.node().stringValue());
    }

    @Override
    public void limit(long bytesPerSecond) throws ClientException, InterruptedException {
        ObjectNode options =
                Fields.JSON
                        .createObjectNode()
                        .put(
                                "max-overall-download-limit",
                                Long.toString(Math.max(0, bytesPerSecond)));
        call(method("aria2.changeGlobalOption", options), false);
    }

    /// A call without its token.
    private record Method(String name, List<JsonNode> params) {}

    private static Method method(String name, JsonNode... params) {
        return new Method(name, List.of(params));
    }

    private static ArrayNode keys() {
        ArrayNode keys = Fields.JSON.createArrayNode();
        KEYS.forEach(keys::add);
        return keys;
    }

    /// Several calls in one moment; the outer call takes no token, each inner one its own.
    ///
    /// @return for each a list of its one result, or an object with its error
    private List<Fields> together(List<Method> methods, boolean reading)
            throws ClientException, InterruptedException {
        ArrayNode calls = Fields.JSON.createArrayNode();
        for (Method method : methods) {
            calls.addObject().put("methodName", method.name()).set("params", params(method));
        }
        ArrayNode outer = Fields.JSON.createArrayNode();
        outer.add(calls);
        return send("system.multicall", outer, reading).asList();
    }

    private List<Fields> unwrapped(Fields result) throws ClientException {
        if (result.node().isObject()) {
            throw error("the question for its items", result);
        }
        List<Fields> one = result.asList();
        if (one.size() != 1) {
            throw result.malformed("a result has " + one.size() + " values");
        }
        return one.getFirst().asList();
    }

    private Fields call(Method method, boolean reading)
            throws ClientException, InterruptedException {
        return send(method.name(), params(method), reading);
    }

    private ArrayNode params(Method method) {
        ArrayNode params = Fields.JSON.createArrayNode();
        token.ifPresent(params::add);
        method.params().forEach(params::add);
        return params;
    }

    private Fields send(String name, ArrayNode params, boolean reading)
            throws ClientException, InterruptedException {
        ObjectNode body = Fields.JSON.createObjectNode();
        body.put("jsonrpc", "2.0").put("id", "svcshare").put("method", name);
        body.set("params", params);
        var request =
                http.request(path)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofByteArray(Fields.bytes(body)))
                        .build();
        Answer answer = reading ? http.read(request) : http.write(request);
        // Errors come as JSON with status 400, 404 or 500: the body tells more.
        if (!answer.ok() && !answer.text().stripLeading().startsWith("{")) {
            throw http.refused(answer, "client.key (aria2's rpc-secret)");
        }
        Fields json = http.json(answer).asObject();
        if (json.has("error")) {
            throw error(name, json.object("error"));
        }
        return json.member("result");
    }

    private static boolean unauthorised(Fields error) {
        return error.textIfAny("message")
                .orElse("")
                .toLowerCase(Locale.ROOT)
                .contains("unauthorized");
    }

    private ClientException error(String name, Fields error) {
        if (unauthorised(error)) {
            return http.failure(
                    Kind.UNAUTHORISED, "wrong token; set client.key to aria2's rpc-secret");
        }
        boolean unknown = error.textIfAny("code").orElse("").equals("-32601");
        return http.failure(
                unknown ? Kind.UNSUPPORTED : Kind.REJECTED,
                "it refused "
                        + name
                        + ": "
                        + Texts.excerpt(error.textIfAny("message").orElse("no reason given")));
    }

    @Override
    public void close() {
        http.close();
    }
}

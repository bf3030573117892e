package org.svcshare.client;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.svcshare.client.ClientException.Kind;
import org.svcshare.client.ClientHttp.Answer;
import org.svcshare.config.ClientSettings;
import org.svcshare.turn.QueueSnapshot;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// NZBGet 13 to 26 over its JSON-RPC.
///
/// Its own pause keeps the state of single items, so a resume wakes nothing that was paused by
/// hand. Items of priority [#FORCE] and above load even while it is paused.
final class Nzbget implements ClientProgram {
    private static final int FORCE = 900;

    /// To sum sizes that come as two unsigned 32-bit halves.
    private static final double HIGH_HALF = 0x1p32;

    private final ClientHttp http;
    private final String path;
    private final String category;

    Nzbget(ClientHttp http, ClientSettings settings) {
        this.http = http;
        this.path = http.path().endsWith("jsonrpc") ? http.path() : http.path() + "/jsonrpc";
        this.category = settings.category().orElse("");
    }

    @Override
    public Probe probe() throws ClientException, InterruptedException {
        Fields version = call("version", params(), true);
        if (!version.node().isString()) {
            throw version.malformed("the version is not a text");
        }
        return new Probe("NZBGet", Texts.excerpt(version.node().stringValue()));
    }

    @Override
    public QueueSnapshot snapshot() throws ClientException, InterruptedException {
        Fields status = call("status", params(), true).asObject();
        // Counts neither paused nor deleted files, unlike the sizes of the groups.
        double total = size(status, "RemainingSize");
        double speed =
                status.has("DownloadRateLo")
                        ? halves(status, "DownloadRate")
                        : status.number("DownloadRate");
        boolean paused =
                status.flag("DownloadPaused")
                        || status.flag("ServerPaused")
                        || status.flag("Download2Paused");
        double forced = status.has("ForcedSizeMB") ? size(status, "ForcedSize") : 0;
        Groups groups = groups(total);
        return new QueueSnapshot(
                mb(groups.head()),
                mb(total - groups.head()) + groups.links() * Item.UNKNOWN_MB,
                Math.max(0, groups.count() - 1),
                (long) speed,
                paused,
                mb(forced));
    }

    /// @param head bytes left of the item that loads, or would load first
    /// @param count items with something to load
    /// @param links items among them that are only links yet and have no size
    private record Groups(double head, int count, int links) {}

    private Groups groups(double total) throws ClientException, InterruptedException {
        List<Fields> list;
        try {
            list = call("listgroups", params().add(0), true).asList();
        } catch (ClientException e) {
            if (e.kind() == Kind.MALFORMED && total > 0) {
                // Thousands of items with thousands of files: the totals still hold.
                return new Groups(total, 1, 0);
            }
            throw e;
        }
        double head = 0;
        double headRank = -1;
        int count = 0;
        int links = 0;
        for (Fields group : list) {
            group.asObject();
            String status = group.textIfAny("Status").orElse("");
            if (status.equals("PAUSED") || status.startsWith("PP_")) {
                continue;
            }
            if (group.textIfAny("Kind").orElse("").equals("URL")) {
                links++;
                count++;
                continue;
            }
            double left = size(group, "RemainingSize") - sizeIfAny(group, "PausedSize");
            if (left <= 0) {
                continue;
            }
            count++;
            double rank = rank(group);
            if (rank > headRank) {
                headRank = rank;
                head = left;
            }
        }
        if (count == links && total > 0) {
            return new Groups(total, count + 1, links);
        }
        return new Groups(Math.min(head, total), count, links);
    }

    /// What loads comes first, then what has the highest priority, then what stands first.
    private static double rank(Fields group) throws ClientException {
        boolean active =
                group.numberIfAny("ActiveDownloads").orElse(0) > 0
                        || group.textIfAny("Status").orElse("").equals("DOWNLOADING");
        double priority = group.has("MaxPriority") ? group.member("MaxPriority").asSigned() : 0;
        return (active ? 1e6 : 1e3) + Math.clamp(priority, -FORCE, FORCE);
    }

    @Override
    public void pause() throws ClientException, InterruptedException {
        done("pausedownload", params());
    }

    @Override
    public void resume() throws ClientException, InterruptedException {
        done("resumedownload", params());
    }

    @Override
    public List<String> enqueue(List<String> ids) throws ClientException, InterruptedException {
        return Ids.each(ids, this::append);
    }

    /// Nine parameters are what every version from 13 on takes (tried with 21); a tenth means
    /// something else in 16 than in 25.2.
    private String append(String id) throws ClientException, InterruptedException {
        String url = Ids.url(id, Ids.WEB);
        ArrayNode params =
                params().add("")
                        .add(url)
                        .add(category)
                        .add(0)
                        .add(false)
                        .add(false)
                        .add("")
                        .add(0)
                        .add("SCORE");
        Fields result = call("append", params, false);
        if (result.node().isBoolean() && result.node().booleanValue()) {
            return url; // 26, for what turns out to be an archive
        }
        if (result.node().isBoolean() || result.asSigned() <= 0) {
            throw http.failure(Kind.REJECTED, "it did not take " + Texts.excerpt(url));
        }
        return Long.toString((long) result.asNumber());
    }

    @Override
    public void limit(long bytesPerSecond) throws ClientException, InterruptedException {
        // KiB here, though the status tells the limit in bytes.
        done("rate", params().add(Math.ceilDiv(Math.max(0, bytesPerSecond), 1024L)));
    }

    private void done(String method, ArrayNode params)
            throws ClientException, InterruptedException {
        Fields result = call(method, params, false);
        if (!result.node().isBoolean()) {
            throw result.malformed(method + " did not answer true or false");
        }
        if (!result.node().booleanValue()) {
            throw http.failure(Kind.REJECTED, "it refused " + method);
        }
    }

    private static ArrayNode params() {
        return Fields.JSON.createArrayNode();
    }

    private Fields call(String method, ArrayNode params, boolean reading)
            throws ClientException, InterruptedException {
        // Its parser scans for the first "params" and reads on behind the list: 21 takes an id that
        // follows for a tenth parameter of append. So the parameters come last.
        ObjectNode body = Fields.JSON.createObjectNode();
        body.put("method", method);
        body.put("id", 1);
        body.set("params", params);
        HttpRequest request =
                http.withBasic(http.request(path))
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofByteArray(Fields.bytes(body)))
                        .build();
        Answer answer = reading ? http.read(request) : http.write(request);
        if (!answer.ok()) {
            throw http.refused(answer, "client.user and client.password (NZBGet: ControlUsername)");
        }
        Fields json = http.json(answer).asObject();
        if (json.has("error")) {
            throw error(method, json.member("error"));
        }
        return json.member("result");
    }

    private ClientException error(String method, Fields error) {
        String message = error.textIfAny("message").orElse("no reason given");
        boolean denied = message.toLowerCase(Locale.ROOT).contains("denied");
        Kind kind =
                denied
                        ? Kind.UNAUTHORISED
                        : error.textIfAny("code").orElse("").equals("1")
                                ? Kind.UNSUPPORTED
                                : Kind.REJECTED;
        return http.failure(
                kind,
                "it refused "
                        + method
                        + ": "
                        + Texts.excerpt(message)
                        + (denied ? "; svcshare needs the Control or the Restricted user" : ""));
    }

    /// Bytes: from the two halves, or else from whole MiB.
    private static double size(Fields fields, String name) throws ClientException {
        return fields.has(name + "Lo")
                ? halves(fields, name)
                : fields.number(name + "MB") * Fields.MIB;
    }

    private static double sizeIfAny(Fields fields, String name) throws ClientException {
        return fields.has(name + "Lo") || fields.has(name + "MB") ? size(fields, name) : 0;
    }

    private static double halves(Fields fields, String name) throws ClientException {
        OptionalDouble high = fields.numberIfAny(name + "Hi");
        return Math.min(high.orElse(0) * HIGH_HALF + fields.number(name + "Lo"), Fields.MOST);
    }

    private static double mb(double bytes) {
        return Math.max(0, bytes) / Fields.MIB;
    }

    @Override
    public void close() {
        http.close();
    }
}

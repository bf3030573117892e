package org.svcshare.client;

import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.svcshare.client.ClientException.Kind;
import org.svcshare.client.ClientHttp.Answer;
import org.svcshare.config.ClientSettings;
import org.svcshare.config.Secret;
import org.svcshare.turn.QueueSnapshot;

/// SABnzbd over its HTTP API, from the one that svcshare 0.3 knew (`qstatus`, answers as text) to
/// today's (`queue`, answers as JSON).
///
/// Its own pause keeps the state of single items. Jobs of priority force load even while it is
/// paused.
final class Sabnzbd implements ClientProgram, Warns {
    /// The queue is ordered by priority, forced jobs first: the head is enough.
    private static final int SLOTS = 200;

    private static final String FORCE = "2";

    private final ClientHttp http;
    private final String key;
    private final String category;

    /// Where the API was found; null until it was.
    private @Nullable String api;

    /// Whether it turned out not to know `queue` as JSON.
    private boolean old;

    Sabnzbd(ClientHttp http, ClientSettings settings) {
        this.http = http;
        this.key = settings.key().or(settings::password).map(Secret::reveal).orElse("");
        this.category = settings.category().orElse("");
        if (http.path().endsWith("/api")) {
            api = http.path();
        } else if (!http.path().isEmpty()) {
            api = http.path() + "/api";
        }
    }

    @Override
    public Probe probe() throws ClientException, InterruptedException {
        Answer answer = call("version", Map.of(), false);
        String text = answer.text().strip();
        String version =
                text.matches("[0-9A-Za-z.+_-]{1,40}")
                        ? text
                        : http.json(answer).asObject().text("version");
        return new Probe("SABnzbd", Texts.excerpt(version));
    }

    @Override
    public QueueSnapshot snapshot() throws ClientException, InterruptedException {
        if (!old) {
            Answer answer = call("queue", Map.of("start", "0", "limit", "" + SLOTS), false);
            ClientException why;
            try {
                return queue(json(answer).object("queue"));
            } catch (ClientException e) {
                why = e;
            }
            if ((why.kind() != Kind.MALFORMED && why.kind() != Kind.REJECTED)
                    || answer.text().contains("\"queue\"")) {
                throw why;
            }
            try {
                QueueSnapshot snapshot = qstatus();
                old = true;
                return snapshot;
            } catch (ClientException e) {
                throw e.kind() == Kind.REJECTED ? why : e;
            }
        }
        try {
            return qstatus();
        } catch (ClientException e) {
            old = false; // perhaps it was updated
            throw e;
        }
    }

    private static QueueSnapshot queue(Fields queue) throws ClientException {
        queue.asObject();
        // Without what was paused one by one, and not touched by the pause of everything.
        double total = queue.number("mbleft");
        int count = queue.has("noofslots_total") ? (int) queue.number("noofslots_total") : 0;
        double head = -1;
        double forced = 0;
        int seen = 0;
        for (Fields slot : queue.has("slots") ? queue.list("slots") : List.<Fields>of()) {
            slot.asObject();
            if (slot.textIfAny("status").orElse("").equalsIgnoreCase("Paused")) {
                continue;
            }
            seen++;
            double left = slot.numberIfAny("mbleft").orElse(Item.UNKNOWN_MB);
            head = head < 0 ? left : head;
            String priority = slot.textIfAny("priority").orElse("");
            if (priority.equals(FORCE) || priority.equalsIgnoreCase("Force")) {
                forced += left;
            }
        }
        if (!queue.has("noofslots_total")) {
            count = seen;
        }
        if (total == 0 && seen > 0) {
            // Links that are still being fetched have no size.
            total = head = Item.UNKNOWN_MB;
        }
        double current = head < 0 ? 0 : Math.min(head, total);
        return new QueueSnapshot(
                current,
                total - current,
                Math.max(0, count - 1),
                (long) (queue.numberIfAny("kbpersec").orElse(0) * 1024),
                queue.flag("paused") || queue.flag("paused_all"),
                forced);
    }

    /// As 0.3 read it: every job without a size counts as 1 MB.
    private QueueSnapshot qstatus() throws ClientException, InterruptedException {
        Fields status = json(call("qstatus", Map.of(), false)).asObject();
        double current = 0;
        double rest = 0;
        List<Fields> jobs = status.list("jobs");
        for (int i = 0; i < jobs.size(); i++) {
            double left = jobs.get(i).asObject().numberIfAny("mbleft").orElse(Item.UNKNOWN_MB);
            if (i == 0) {
                current = left;
            } else {
                rest += left;
            }
        }
        return new QueueSnapshot(
                current,
                rest,
                Math.max(0, jobs.size() - 1),
                (long) (status.numberIfAny("kbpersec").orElse(0) * 1024),
                status.flag("paused"),
                0);
    }

    @Override
    public void pause() throws ClientException, InterruptedException {
        done("pause", Map.of());
    }

    @Override
    public void resume() throws ClientException, InterruptedException {
        done("resume", Map.of());
    }

    @Override
    public List<String> enqueue(List<String> ids) throws ClientException, InterruptedException {
        return Ids.each(ids, this::add);
    }

    private String add(String id) throws ClientException, InterruptedException {
        boolean link = Ids.isUrl(id, Ids.WEB);
        var fields = new LinkedHashMap<String, String>();
        fields.put("name", link ? id : Ids.plain(id));
        if (!category.isEmpty()) {
            fields.put("cat", category);
        }
        Answer answer = done(link ? "addurl" : "addid", fields);
        if (answer.text().stripLeading().startsWith("{")) {
            Fields json = http.json(answer);
            if (json.has("nzo_ids")) {
                for (Fields nzo : json.list("nzo_ids")) {
                    if (nzo.node().isString()) {
                        return Texts.excerpt(nzo.node().stringValue());
                    }
                }
            }
        }
        return id;
    }

    @Override
    public void limit(long bytesPerSecond) throws ClientException, InterruptedException {
        String value = bytesPerSecond <= 0 ? "0" : Math.ceilDiv(bytesPerSecond, 1024L) + "K";
        done("config", Map.of("name", "speedlimit", "value", value));
    }

    /// Servers that it does not use for a while: after a handover it may sit still for minutes
    /// because the provider had counted two addresses.
    @Override
    public List<String> warnings() throws ClientException, InterruptedException {
        Answer answer = call("status", Map.of("skip_dashboard", "1"), false);
        var warnings = new ArrayList<String>();
        Fields json = json(answer).asObject();
        if (!json.has("status") || !json.member("status").node().isObject()) {
            return List.of();
        }
        Fields status = json.object("status");
        if (status.has("servers")) {
            for (Fields server : status.list("servers")) {
                String error = server.textIfAny("servererror").orElse("").strip();
                if (!error.isEmpty()) {
                    warnings.add(
                            "news server "
                                    + Texts.excerpt(server.textIfAny("servername").orElse("?"))
                                    + ": "
                                    + Texts.excerpt(error));
                }
            }
        }
        return warnings;
    }

    /// A command, which older versions answer with "ok" and newer ones with `{"status": true}`.
    private Answer done(String mode, Map<String, String> fields)
            throws ClientException, InterruptedException {
        Answer answer = call(mode, fields, mode.startsWith("add"));
        String text = answer.text().strip();
        if (text.toLowerCase(Locale.ROOT).startsWith("ok")) {
            return answer;
        }
        Fields json = json(answer).asObject();
        if (!json.flag("status") && !json.has("config")) {
            throw json.malformed("expected ok or a status to " + mode);
        }
        return answer;
    }

    /// The answer, unless it is an error in one of the two forms that there were.
    private Fields json(Answer answer) throws ClientException {
        String text = answer.text().strip();
        if (!text.startsWith("{") && !text.startsWith("[")) {
            throwIfKeyRefused(text);
            if (text.toLowerCase(Locale.ROOT).startsWith("error")) {
                throw http.failure(Kind.REJECTED, Texts.excerpt(text));
            }
        }
        Fields json = http.json(answer);
        if (json.has("error") && !json.flag("status")) {
            String error = json.textIfAny("error").orElse("no reason given");
            throwIfKeyRefused(error);
            throw http.failure(Kind.REJECTED, Texts.excerpt(error));
        }
        return json;
    }

    private void throwIfKeyRefused(String text) throws ClientException {
        if (text.length() < 500 && text.toLowerCase(Locale.ROOT).contains("api key")) {
            throw http.failure(Kind.UNAUTHORISED, Texts.excerpt(text) + "; look at client.key");
        }
    }

    private Answer call(String mode, Map<String, String> fields, boolean adding)
            throws ClientException, InterruptedException {
        if (api != null) {
            return good(request(api, mode, fields, adding));
        }
        // 0.3 used the first and every version has it, unless its url_base was changed.
        Answer answer = request("/sabnzbd/api", mode, fields, adding);
        String found = "/sabnzbd/api";
        if (answer.status() == 404) {
            found = "/api";
            answer = request(found, mode, fields, adding);
        }
        good(answer);
        api = found;
        return answer;
    }

    private Answer good(Answer answer) throws ClientException {
        if (!answer.ok()) {
            throw http.refused(
                    answer,
                    "client.key (SABnzbd's API key, not its NZB key), and there at host_whitelist"
                            + " and local_ranges");
        }
        return answer;
    }

    /// By GET, as it always was; what adds a job by POST, which is never repeated.
    private Answer request(String path, String mode, Map<String, String> fields, boolean adding)
            throws ClientException, InterruptedException {
        var query = new LinkedHashMap<String, String>();
        query.put("mode", mode);
        query.put("output", "json");
        query.putAll(fields);
        if (!key.isEmpty()) {
            query.put("apikey", key);
        }
        var request = http.request(path + "?" + ClientHttp.form(query));
        if (!adding) {
            return http.read(request.GET().build());
        }
        Answer answer = http.write(request.POST(BodyPublishers.noBody()).build());
        return answer.status() == 405 || answer.status() == 501
                ? http.write(request.GET().build())
                : answer;
    }

    @Override
    public void close() {
        http.close();
    }
}

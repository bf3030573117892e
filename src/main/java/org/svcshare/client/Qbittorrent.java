package org.svcshare.client;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.svcshare.client.ClientException.Kind;
import org.svcshare.client.ClientHttp.Answer;
import org.svcshare.client.Item.State;
import org.svcshare.config.ClientSettings;
import org.svcshare.config.Secret;
import org.svcshare.turn.QueueSnapshot;

/// qBittorrent 4.1 to 5.2 over its Web API v2.
///
/// Its API has no pause of everything: torrents are stopped one by one; see [ItemPause]. Those that
/// only seed are left alone.
final class Qbittorrent implements ClientProgram, ItemPause.Program {
    private static final int PAGE = 2000;
    private static final int MOST_PAGES = 50;
    private static final int AT_ONCE = 1000;

    /// From this Web API on (5.0), pause and resume are called stop and start.
    private static final int STOP_SINCE_MINOR = 11;

    /// It bans an address after five wrong logins, and the queue is asked for all the time.
    private static final Duration BETWEEN_WRONG_LOGINS = Duration.ofMinutes(10);

    private static final String FORCED = "forced";
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final String CREDENTIALS =
            "client.user and client.password, or client.key with an API key (5.2 and later)";

    private final ClientHttp http;
    private final Optional<String> key;
    private final String category;
    private final ItemPause holder;

    private String cookies = "";
    private @Nullable ClientException loginRefused;
    private long loginRefusedAtNanos;

    /// Whether it knows stop and start; null until asked.
    private @Nullable Boolean stops;

    Qbittorrent(ClientHttp http, ClientSettings settings, PausedItems paused) {
        this.http = http;
        this.key = settings.key().map(Secret::reveal);
        this.category = settings.category().orElse("");
        this.holder = new ItemPause(this, paused, http.where(), http.timeout());
    }

    @Override
    public Probe probe() throws ClientException, InterruptedException {
        String version = good(get("app/version")).text().strip();
        if (!version.matches("v?[0-9][0-9A-Za-z.+_-]{0,40}")) {
            throw http.failure(
                    Kind.MALFORMED, "expected a version, got \"" + Texts.excerpt(version) + "\"");
        }
        return new Probe("qBittorrent", version);
    }

    @Override
    public QueueSnapshot snapshot() throws ClientException, InterruptedException {
        List<Item> items = items();
        Fields transfer = http.json(good(get("transfer/info"))).asObject();
        return holder.snapshot(items, (long) transfer.number("dl_info_speed"));
    }

    @Override
    public List<Item> items() throws ClientException, InterruptedException {
        var items = new ArrayList<Item>();
        for (int n = 0; n < MOST_PAGES; n++) {
            List<Fields> page =
                    http.json(
                                    good(
                                            get(
                                                    "torrents/info?filter=downloading"
                                                            + "&sort=priority&limit="
                                                            + PAGE
                                                            + "&offset="
                                                            + n * PAGE)))
                            .asList();
            for (Fields torrent : page) {
                add(torrent.asObject(), items);
            }
            if (page.size() < PAGE) {
                break;
            }
        }
        return items;
    }

    private static void add(Fields torrent, List<Item> items) throws ClientException {
        String name = torrent.text("state");
        State state =
                switch (name) {
                    case "downloading",
                            "forcedDL",
                            "metaDL",
                            "forcedMetaDL",
                            "stalledDL",
                            "allocating" ->
                            State.LOADING;
                    case "pausedDL", "stoppedDL" -> State.STOPPED;
                    default -> State.WAITING;
                };
        if (state == State.WAITING && !name.endsWith("DL")) {
            return;
        }
        double left = torrent.number("amount_left");
        boolean forced = torrent.flag("force_start") || name.startsWith("forced");
        items.add(
                new Item(
                        torrent.text("hash"),
                        state,
                        Item.mb(left, left > 0),
                        forced ? FORCED : ""));
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
        steer(true, items);
    }

    /// A start takes the mark of a forced torrent away; to set it starts the torrent, too.
    @Override
    public void start(List<Item> items) throws ClientException, InterruptedException {
        steer(false, items);
        List<Item> forced = items.stream().filter(i -> i.mark().equals(FORCED)).toList();
        for (int from = 0; from < forced.size(); from += AT_ONCE) {
            good(
                    post(
                            "torrents/setForceStart",
                            Map.of("hashes", hashes(forced, from), "value", "true")));
        }
    }

    private void steer(boolean stop, List<Item> items)
            throws ClientException, InterruptedException {
        for (int from = 0; from < items.size(); from += AT_ONCE) {
            Map<String, String> form = Map.of("hashes", hashes(items, from));
            Answer answer = post("torrents/" + verb(stop), form);
            if (answer.status() == 404) {
                // It was updated, or tells a version that its methods do not keep.
                stops = !knowsStop();
                answer = post("torrents/" + verb(stop), form);
                if (answer.status() == 404) {
                    stops = null;
                    throw http.failure(
                            Kind.UNSUPPORTED, "it knows neither pause nor stop for torrents");
                }
            }
            good(answer);
        }
    }

    private String verb(boolean stop) throws ClientException, InterruptedException {
        return knowsStop() ? (stop ? "stop" : "start") : (stop ? "pause" : "resume");
    }

    private boolean knowsStop() throws ClientException, InterruptedException {
        if (stops == null) {
            String version = good(get("app/webapiVersion")).text().strip();
            if (!version.matches("\\d{1,4}(\\.\\d{1,4}){1,3}")) {
                throw http.failure(
                        Kind.MALFORMED,
                        "expected a Web API version, got \"" + Texts.excerpt(version) + "\"");
            }
            String[] parts = version.split("\\.", -1);
            int major = Integer.parseInt(parts[0]);
            stops = major > 2 || (major == 2 && Integer.parseInt(parts[1]) >= STOP_SINCE_MINOR);
        }
        return stops;
    }

    private static String hashes(List<Item> items, int from) {
        return items.subList(from, Math.min(from + AT_ONCE, items.size())).stream()
                .map(Item::id)
                .collect(Collectors.joining("|"));
    }

    @Override
    public List<String> enqueue(List<String> ids) throws ClientException, InterruptedException {
        List<String> taken = Ids.each(ids, this::addUrl);
        if (holder.holding()) {
            holder.pause();
        }
        return taken;
    }

    private String addUrl(String id) throws ClientException, InterruptedException {
        String url = Ids.torrent(id, Ids.TORRENT);
        // Letters and digits that no URL of an earlier request could hold.
        String boundary = "svcshare-" + UUID.randomUUID();
        var body = new StringBuilder();
        part(body, boundary, "urls", url);
        if (!category.isEmpty()) {
            part(body, boundary, "category", category);
        }
        body.append("--").append(boundary).append("--\r\n");
        Answer answer =
                call(
                        request("torrents/add")
                                .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                                .POST(BodyPublishers.ofString(body.toString())),
                        false);
        if (answer.status() == 409 || answer.status() == 415 || answer.text().startsWith("Fail")) {
            throw http.failure(Kind.REJECTED, "it did not take " + Texts.excerpt(url));
        }
        good(answer);
        if (answer.text().stripLeading().startsWith("{")) {
            Fields json = http.json(answer);
            for (Fields added :
                    json.has("added_torrent_ids")
                            ? json.list("added_torrent_ids")
                            : List.<Fields>of()) {
                if (added.node().isString()) {
                    return Texts.excerpt(added.node().stringValue());
                }
            }
        }
        return Ids.magnetHash(url).orElse(url);
    }

    private static void part(StringBuilder body, String boundary, String name, String value) {
        body.append("--").append(boundary).append("\r\n");
        body.append("Content-Disposition: form-data; name=\"").append(name).append("\"\r\n\r\n");
        body.append(value).append("\r\n");
    }

    @Override
    public void limit(long bytesPerSecond) throws ClientException, InterruptedException {
        good(
                post(
                        "transfer/setDownloadLimit",
                        Map.of("limit", Long.toString(Math.max(0, bytesPerSecond)))));
    }

    private Answer get(String method) throws ClientException, InterruptedException {
        return call(request(method).GET(), true);
    }

    private Answer post(String method, Map<String, String> form)
            throws ClientException, InterruptedException {
        return call(
                request(method)
                        .header("Content-Type", FORM)
                        .POST(BodyPublishers.ofString(ClientHttp.form(form))),
                false);
    }

    /// Neither Origin nor Referer: it compares them with its own idea of its address.
    private HttpRequest.Builder request(String method) {
        return http.request(http.path() + "/api/v2/" + method);
    }

    /// Logs in when it has to: an address may be free of it, and sessions end.
    private Answer call(HttpRequest.Builder request, boolean reading)
            throws ClientException, InterruptedException {
        if (key.isPresent()) {
            return send(request.setHeader("Authorization", "Bearer " + key.get()), reading);
        }
        Answer answer = send(request, reading);
        if (answer.status() == 403 || answer.status() == 401) {
            login();
            answer = send(request, reading);
        }
        return answer;
    }

    private Answer send(HttpRequest.Builder request, boolean reading)
            throws ClientException, InterruptedException {
        if (!cookies.isEmpty()) {
            request.setHeader("Cookie", cookies);
        }
        return reading ? http.read(request.build()) : http.write(request.build());
    }

    private void login() throws ClientException, InterruptedException {
        if (http.password().isEmpty()) {
            throw http.failure(Kind.UNAUTHORISED, "it wants a login; set " + CREDENTIALS);
        }
        if (loginRefused != null
                && System.nanoTime() - loginRefusedAtNanos < BETWEEN_WRONG_LOGINS.toNanos()) {
            throw loginRefused;
        }
        cookies = "";
        Answer answer =
                http.write(
                        request("auth/login")
                                .header("Content-Type", FORM)
                                .POST(
                                        BodyPublishers.ofString(
                                                ClientHttp.form(
                                                        Map.of(
                                                                "username",
                                                                http.user().orElse(""),
                                                                "password",
                                                                http.password().get()))))
                                .build());
        String text = answer.text().strip();
        if (answer.status() == 403) {
            throw refuse(
                    "it has banned our address after too many wrong logins; wait, or restart it");
        }
        // Up to 5.1 a wrong password is a success, too, but for its text.
        if (answer.status() == 401 || (answer.ok() && text.startsWith("Fail"))) {
            throw refuse("wrong user or password; look at " + CREDENTIALS);
        }
        if (!answer.ok() || !(text.isEmpty() || text.startsWith("Ok"))) {
            throw http.refused(answer, CREDENTIALS);
        }
        // Whatever it is called: SID, or QBT_SID_ and the port.
        cookies =
                answer.headers().allValues("Set-Cookie").stream()
                        .map(cookie -> cookie.split(";", 2)[0].strip())
                        .filter(cookie -> cookie.matches("[!-~]{1,1000}"))
                        .collect(Collectors.joining("; "));
        loginRefused = null;
    }

    private ClientException refuse(String why) {
        loginRefusedAtNanos = System.nanoTime();
        loginRefused = http.failure(Kind.UNAUTHORISED, why);
        return loginRefused;
    }

    private Answer good(Answer answer) throws ClientException {
        if (!answer.ok()) {
            throw http.refused(answer, CREDENTIALS);
        }
        return answer;
    }

    @Override
    public void close() {
        http.close();
    }
}

package org.svcshare.client;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// qBittorrent 4.6.7, 5.0.0, 5.1.4 or 5.2.1.
final class FakeQbittorrent extends FakeProgram {
    private static final Pattern URLS =
            Pattern.compile("name=\"urls\"\r\n\r\n(.*?)\r\n--", Pattern.DOTALL);

    private final String version;
    private final String webApi;
    private int minor;
    private int sessions;

    volatile @Nullable String session;
    volatile @Nullable String apiKey;
    volatile boolean loginFree;

    FakeQbittorrent(String version, String webApi) {
        this.version = version;
        this.webApi = webApi;
        this.minor = Integer.parseInt(webApi.split("\\.", -1)[1]);
    }

    /// As if another version had been put in its place, which tells the same number.
    void pretendMethodsOf(int minor) {
        this.minor = minor;
    }

    @Override
    void restart() {
        session = null;
    }

    @Override
    Reply answer(Question question) {
        if (question.header("Origin") != null || question.header("Referer") != null) {
            return Reply.of(401, "Unauthorized");
        }
        String path = question.path();
        if (!path.startsWith("/api/v2/")) {
            return Reply.of(404, "");
        }
        String method = path.substring("/api/v2/".length());
        calls.add(method);
        if (method.equals("auth/login")) {
            return login(question.form());
        }
        if (!loggedIn(question)) {
            return Reply.of(minor >= 14 ? 401 : 403, "Forbidden");
        }
        boolean reading = question.exchange().getRequestMethod().equals("GET");
        return switch (method) {
            case "app/version" -> Reply.of(version);
            case "app/webapiVersion" -> Reply.of(webApi);
            case "transfer/info" -> Reply.of("{\"dl_info_speed\":" + speedBps + "}");
            case "torrents/info" -> Reply.of(list(question.query()));
            default -> reading ? Reply.of(405, "") : change(method, question);
        };
    }

    private Reply change(String method, Question question) {
        List<String> hashes = List.of(question.form().getOrDefault("hashes", "").split("\\|", -1));
        return switch (method) {
            case "torrents/pause", "torrents/resume" ->
                    minor >= 11 ? Reply.of(404, "") : stop(hashes, method.endsWith("pause"));
            case "torrents/stop", "torrents/start" ->
                    minor < 11 ? Reply.of(404, "") : stop(hashes, method.endsWith("stop"));
            case "torrents/setForceStart" -> {
                byId(hashes).forEach(j -> j.forced = true);
                yield done();
            }
            case "torrents/add" -> add(question);
            case "transfer/setDownloadLimit" -> {
                limitBps = Long.parseLong(question.form().getOrDefault("limit", "-1"));
                yield done();
            }
            default -> Reply.of(404, "");
        };
    }

    private Reply add(Question question) {
        var urls = URLS.matcher(question.body());
        String url = urls.find() ? urls.group(1) : "refused";
        boolean refused = url.contains("refused");
        if (minor >= 14) {
            if (refused) {
                return Reply.of(409, "");
            }
            Job job = add(url, 0);
            job.unknown = true;
            ObjectNode json = JSON.createObjectNode().put("success_count", 1);
            json.putArray("added_torrent_ids").add(job.id);
            return Reply.of(json);
        }
        if (refused) {
            return Reply.of("Fails.");
        }
        add(url, 0).unknown = true;
        return Reply.of("Ok.");
    }

    private Reply stop(List<String> hashes, boolean stop) {
        for (Job job : byId(hashes)) {
            job.stopped = stop;
            if (!stop) {
                job.forced = false;
            }
        }
        return done();
    }

    private Reply done() {
        return Reply.of(minor >= 11 ? 204 : 200, "");
    }

    private boolean loggedIn(Question question) {
        if (apiKey != null) {
            return ("Bearer " + apiKey).equals(question.header("Authorization"));
        }
        return loginFree || (session != null && session.equals(question.header("Cookie")));
    }

    private Reply login(Map<String, String> form) {
        boolean right = USER.equals(form.get("username")) && password.equals(form.get("password"));
        if (!right) {
            return minor >= 14 ? Reply.of(401, "") : Reply.of("Fails.");
        }
        session = (minor >= 14 ? "QBT_SID_8080=abc" : "SID=abc") + ++sessions;
        return (minor >= 14 ? Reply.of(204, "") : Reply.of("Ok."))
                .with("Set-Cookie", session + "; HttpOnly; SameSite=Strict; path=/");
    }

    private ArrayNode list(Map<String, String> query) {
        String suffix = minor >= 11 ? "stoppedDL" : "pausedDL";
        ArrayNode list = JSON.createArrayNode();
        int offset = Integer.parseInt(query.getOrDefault("offset", "0"));
        int limit = Integer.parseInt(query.getOrDefault("limit", "0"));
        for (Job job : jobs.stream().skip(offset).limit(limit).toList()) {
            ObjectNode torrent = list.addObject();
            torrent.put("hash", job.id).put("name", job.name);
            torrent.put(
                    "state",
                    job.stopped
                            ? suffix
                            : job.forced ? "forcedDL" : job.loading ? "downloading" : "queuedDL");
            torrent.put("force_start", job.forced && !job.stopped);
            if (job.leftText != null) {
                torrent.put("amount_left", job.leftText);
            } else {
                torrent.put("amount_left", job.unknown ? 0 : job.leftBytes());
            }
        }
        return list;
    }
}

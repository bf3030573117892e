package org.svcshare.client;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What people ask to be enqueued, checked before it goes anywhere.
///
/// It comes from the chat: a URL must not become a path on the client's machine, an id must not
/// become an option of a command.
final class Ids {
    static final Set<String> WEB = Set.of("http", "https");
    static final Set<String> TORRENT = Set.of("http", "https", "magnet");
    static final Set<String> ANY_LOAD = Set.of("http", "https", "ftp", "sftp", "magnet");

    private static final int LONGEST_CHARS = 4096;
    private static final int MOST = 100;
    private static final Pattern INFO_HASH =
            Pattern.compile("[0-9a-fA-F]{40}|[0-9a-fA-F]{64}|[A-Z2-7]{32}");
    private static final Pattern MAGNET_HASH =
            Pattern.compile("urn:btih:([0-9a-zA-Z]{32,40})(?:&|$)");
    private static final Pattern PLAIN_ID = Pattern.compile("[0-9A-Za-z][0-9A-Za-z._-]{0,99}");

    private Ids() {}

    /// Hands each id over by itself.
    ///
    /// @return what was taken; where one fails after others were taken, those
    /// @throws ClientException when nothing was taken: the first failure
    static List<String> each(List<String> ids, OneId one)
            throws ClientException, InterruptedException {
        if (ids.size() > MOST) {
            throw new ClientException(
                    ClientException.Kind.REJECTED,
                    ids.size() + " items at once are too many; at most " + MOST);
        }
        var taken = new ArrayList<String>();
        @Nullable ClientException first = null;
        for (String id : ids) {
            try {
                taken.add(one.enqueue(checked(id)));
            } catch (ClientException e) {
                first = first == null ? e : first;
                if (e.kind() == ClientException.Kind.UNREACHABLE) {
                    break;
                }
            }
        }
        if (taken.isEmpty() && first != null) {
            throw first;
        }
        return List.copyOf(taken);
    }

    /// A URL with one of these schemes, as it was given.
    static String url(String id, Set<String> schemes) throws ClientException {
        if (!isUrl(id, schemes)) {
            throw new ClientException(
                    ClientException.Kind.REJECTED,
                    "\""
                            + Texts.excerpt(id)
                            + "\" is not a URL that starts with "
                            + String.join(
                                    " or ", schemes.stream().sorted().map(s -> s + ":").toList()));
        }
        return id;
    }

    static boolean isUrl(String id, Set<String> schemes) {
        int colon = id.indexOf(':');
        if (colon < 1 || !schemes.contains(id.substring(0, colon).toLowerCase(Locale.ROOT))) {
            return false;
        }
        if (id.regionMatches(true, 0, "magnet:", 0, 7)) {
            return id.startsWith("?", 7) && id.indexOf(' ') < 0;
        }
        try {
            // Raw brackets and bars are common in links and mean nothing here.
            var uri = new URI(id.replaceAll("[\\[\\]|{}^`\"<>\\\\]", "_"));
            return uri.getRawAuthority() != null && !uri.getRawAuthority().isEmpty();
        } catch (URISyntaxException e) {
            return false;
        }
    }

    /// As [#url]; a bare info hash becomes a magnet.
    static String torrent(String id, Set<String> schemes) throws ClientException {
        return INFO_HASH.matcher(id).matches()
                ? (id.length() == 64 ? "magnet:?xt=urn:btmh:1220" : "magnet:?xt=urn:btih:") + id
                : url(id, schemes);
    }

    /// The info hash in a magnet, in lower case.
    static Optional<String> magnetHash(String url) {
        var hash = MAGNET_HASH.matcher(url);
        return hash.find() ? Optional.of(hash.group(1).toLowerCase(Locale.ROOT)) : Optional.empty();
    }

    /// An id of an index: letters, digits, dots, lines.
    static String plain(String id) throws ClientException {
        if (!PLAIN_ID.matcher(id).matches()) {
            throw new ClientException(
                    ClientException.Kind.REJECTED,
                    "\"" + Texts.excerpt(id) + "\" is neither a URL nor an id");
        }
        return id;
    }

    private static String checked(String id) throws ClientException {
        if (id.isBlank()
                || id.length() > LONGEST_CHARS
                || id.codePoints().anyMatch(Character::isISOControl)) {
            throw new ClientException(
                    ClientException.Kind.REJECTED,
                    "\"" + Texts.excerpt(id) + "\" is empty, too long, or has control characters");
        }
        return id.strip();
    }

    @FunctionalInterface
    interface OneId {
        String enqueue(String id) throws ClientException, InterruptedException;
    }
}

package org.svcshare.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads what the last process left, and makes it good to go on with.
///
/// It looks first and changes nothing; what no crash explains is refused with the folder as it was.
/// Then it removes what a crash left half done and cuts a torn end.
final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private final Disk disk;
    private final Fate fate;
    private final List<String> scraps = new ArrayList<>();
    private final List<Long> damagedSnapshots = new ArrayList<>();

    private long snapshotIndex;
    private long snapshotBytes;

    private Recovery(Disk disk, Fate fate) {
        this.disk = disk;
        this.fate = fate;
    }

    /// What is there.
    ///
    /// @param sealed segments that are complete, oldest first
    /// @param tail the one to go on with; null when there is no segment
    /// @param last index of the last record, all of them on the disk
    /// @param snapshotIndex 0 when there is no snapshot
    /// @param snapshotBytes size of its file
    record Found(
            List<Segment> sealed,
            @Nullable Tail tail,
            long last,
            long snapshotIndex,
            long snapshotBytes) {}

    /// @throws JournalDamagedException when going on would lose records in silence
    static Found run(Disk disk, Fate fate) throws IOException {
        return new Recovery(disk, fate).run();
    }

    private Found run() throws IOException {
        List<String> names = disk.names();
        names.stream().filter(name -> name.endsWith(Segment.FRESH)).forEach(scraps::add);
        chooseSnapshot(sorted(names, SnapshotFile::named));
        List<Long> firsts = needed(sorted(names, Segment::named));
        var sealed = new ArrayList<Segment>();
        Found found;
        // What is found may have its name in memory only, when the last process was killed between
        // renaming and forcing.
        fate.forceFolder(disk);
        if (firsts.isEmpty()) {
            checkEnd(0, "no segment is there");
            found = new Found(sealed, null, 0, 0, 0);
        } else {
            for (int i = 0; i < firsts.size() - 1; i++) {
                sealed.add(sealed(firsts.get(i), firsts.get(i + 1)));
            }
            found = withTail(sealed, firsts.getLast());
        }
        tidy();
        return found;
    }

    private static List<Long> sorted(List<String> names, Function<String, OptionalLong> named) {
        return names.stream()
                .map(named)
                .filter(OptionalLong::isPresent)
                .map(OptionalLong::getAsLong)
                .sorted()
                .toList();
    }

    private void chooseSnapshot(List<Long> indexes) throws IOException {
        for (long index : indexes.reversed()) {
            if (snapshotIndex > 0) {
                scraps.add(SnapshotFile.name(index));
                continue;
            }
            Snapshot snapshot = SnapshotFile.read(disk, index);
            if (snapshot == null) {
                damagedSnapshots.add(index);
            } else {
                snapshotIndex = index;
                snapshotBytes = SnapshotFile.sizeBytes(snapshot);
            }
        }
    }

    /// The segments that have records behind the snapshot, or will; the others are scraps. Leaves
    /// no gap between snapshot and log.
    private List<Long> needed(List<Long> firsts) throws JournalDamagedException {
        int from = 0;
        while (from + 1 < firsts.size() && firsts.get(from + 1) <= snapshotIndex + 1) {
            scraps.add(Segment.name(firsts.get(from)));
            from++;
        }
        List<Long> needed = firsts.subList(from, firsts.size());
        if (!needed.isEmpty() && needed.getFirst() > snapshotIndex + 1) {
            String before =
                    damagedSnapshots.isEmpty()
                            ? "no file is there that has the records before them"
                            : "the snapshot of those before them, %s, is damaged"
                                    .formatted(
                                            path(SnapshotFile.name(damagedSnapshots.getFirst())));
            throw damaged(
                    "the log begins with record %d in %s and %s"
                            .formatted(
                                    needed.getFirst(),
                                    path(Segment.name(needed.getFirst())),
                                    before),
                    needed.getFirst());
        }
        return needed;
    }

    private Segment sealed(long first, long next) throws IOException {
        try (DiskFile file = disk.open(Segment.name(first))) {
            ByteBuffer content = content(file, first);
            Segment segment = segment(first, content);
            Scan scan = Scan.of(segment, content, (_, _) -> {});
            if (scan.last() != next - 1) {
                throw damaged(
                        scan.stain() > scan.end()
                                ? "%s is wrong at byte %d: record %d is not whole, and %s has later ones"
                                        .formatted(
                                                path(segment.name()),
                                                scan.end(),
                                                scan.last() + 1,
                                                path(Segment.name(next)))
                                : "%s ends with record %d at byte %d, the next file %s begins with %d:"
                                                .formatted(
                                                        path(segment.name()),
                                                        scan.last(),
                                                        scan.end(),
                                                        path(Segment.name(next)),
                                                        next)
                                        + " a file between them is missing, or the end was wiped",
                        next);
            }
            return segment;
        }
    }

    private Found withTail(List<Segment> sealed, long first) throws IOException {
        DiskFile file = disk.open(Segment.name(first));
        boolean kept = false;
        try {
            ByteBuffer content = content(file, first);
            Segment segment = segment(first, content);
            Scan scan = Scan.of(segment, content, (_, _) -> {});
            if (scan.proven() > scan.last()) {
                throw damaged(
                        "%s is wrong at byte %d: record %d is not whole, but records up to %d had been"
                                        .formatted(
                                                path(segment.name()),
                                                scan.end(),
                                                scan.last() + 1,
                                                scan.proven())
                                + " on the disk",
                        scan.proven());
            }
            checkEnd(
                    scan.last(),
                    "%s ends with record %d at byte %d"
                            .formatted(path(segment.name()), scan.last(), scan.end()));
            settle(segment, file, content, scan);
            var tail = new Tail(disk, fate, segment, file, scan.end());
            if (scan.stain() > scan.end() || scan.batch() < scan.end()) {
                tail.mark(scan.last() + 1);
            }
            kept = true;
            return new Found(sealed, tail, scan.last(), snapshotIndex, snapshotBytes);
        } finally {
            if (!kept) {
                Scraps.close(file, Segment.name(first));
            }
        }
    }

    /// A snapshot is begun only once its records are on the disk, and the last segment is never
    /// removed; so a log that ends before it has lost its end.
    private void checkEnd(long last, String what) throws JournalDamagedException {
        long least =
                Math.max(
                        snapshotIndex,
                        damagedSnapshots.isEmpty() ? 0 : damagedSnapshots.getFirst());
        if (last < least) {
            throw damaged(
                    "%s, but a snapshot says that there were records up to %d at least"
                            .formatted(what, least),
                    least);
        }
    }

    /// Puts the last records on the disk for certain, and zeros behind them.
    ///
    /// The records of the last batch are written again, not only forced: when the force of the last
    /// process failed, their pages count as clean and a force alone would do nothing (see
    /// [Fate#failed]). Zeros, because a shorter record over the torn one could else be followed by
    /// a whole one of the torn batch, with the right index.
    private void settle(Segment segment, DiskFile file, ByteBuffer content, Scan scan)
            throws IOException {
        if (scan.stain() == scan.end() && scan.batch() == scan.end()) {
            return;
        }
        if (scan.stain() > scan.end() && disk.keeps()) {
            LOG.warn(
                    "{}: the end was torn by a crash; {} bytes behind record {} are cut at byte {}",
                    path(segment.name()),
                    scan.stain() - scan.end(),
                    scan.last(),
                    scan.end());
        }
        Disk.write(file, content.slice(scan.batch(), scan.end() - scan.batch()), scan.batch());
        if (scan.stain() > scan.end()) {
            Disk.zero(file, scan.end(), scan.stain());
        }
        fate.force(file, path(segment.name()));
    }

    private void tidy() throws IOException {
        if (!disk.keeps()) {
            return;
        }
        for (long index : damagedSnapshots) {
            String name = SnapshotFile.name(index);
            LOG.warn(
                    "{} is damaged and put aside as {}.unreadable; the log has all its records",
                    path(name),
                    name);
            disk.rename(name, name + ".unreadable");
        }
        for (String scrap : scraps) {
            Scraps.drop(disk, scrap);
        }
    }

    private ByteBuffer content(DiskFile file, long first) throws IOException {
        long size = file.size();
        if (size > Integer.MAX_VALUE - 8) {
            throw damaged(path(Segment.name(first)) + " has " + size + " bytes", first);
        }
        return Disk.read(file, (int) size);
    }

    private Segment segment(long first, ByteBuffer content) throws JournalDamagedException {
        Segment segment = Segment.read(content);
        if (segment == null || segment.first() != first) {
            throw damaged(
                    "%s is wrong at byte 0: it has no header that this version can read"
                            .formatted(path(Segment.name(first))),
                    first);
        }
        return segment;
    }

    private String path(String name) {
        return disk.folder().resolve(name).toString();
    }

    private JournalDamagedException damaged(String what, long upTo) {
        return new JournalDamagedException(
                """
                the journal in %s is damaged: %s. Nothing was changed. Restore the folder from a \
                backup, or move it away to begin empty; then all that was kept in it is lost \
                (records up to %d at least)\
                """
                        .formatted(disk.folder(), what, upTo));
    }
}

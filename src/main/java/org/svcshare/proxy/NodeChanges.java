package org.svcshare.proxy;

import io.netty.channel.EventLoop;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Consumer;
import org.svcshare.replica.Node;
import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.NodeChange;
import org.svcshare.replica.NodeView;
import org.svcshare.replica.ReplicaEvent;
import org.svcshare.replica.Replication;

/// What operators do to the nodes. For the thread that owns the replicas, but for [#change].
final class NodeChanges {
    private final EventLoop loop;
    private final HeardLog log;
    private final Replication replication;
    private final ReplicaLoop.Progress progress;
    private final NodeBoard board;
    private Consumer<List<Node>> changed = _ -> {};

    NodeChanges(
            EventLoop loop,
            HeardLog log,
            Replication replication,
            ReplicaLoop.Progress progress,
            NodeBoard board) {
        this.loop = loop;
        this.log = log;
        this.replication = replication;
        this.progress = progress;
        this.board = board;
    }

    /// @param then is told the nodes whenever they change
    void tell(Consumer<List<Node>> then) {
        changed = then;
    }

    /// Any thread.
    void change(NodeChange change, Consumer<NodeChange.Result> then) {
        if (change.ofTheMoment()) {
            loop.execute(() -> atOnce(change, then));
            return;
        }
        boolean room =
                log.append(RecordCodec.change(change), entry -> then.accept(logged(change, entry)));
        if (!room) {
            String trouble = log.trouble();
            String why = trouble == null ? "too much at once" : trouble;
            loop.execute(() -> then.accept(new NodeChange.Result.Failed(why)));
        }
    }

    /// Answers when what became of it is in the log: what is appended behind it is in no earlier.
    private void atOnce(NodeChange change, Consumer<NodeChange.Result> then) {
        NodeChange.Result result = apply(change, log.heard());
        if (!(result instanceof NodeChange.Result.Done(_, List<Node> nodes))) {
            then.accept(result);
            return;
        }
        boolean room =
                log.append(
                        RecordCodec.note(replication.came(nodes.getFirst().address())),
                        entry -> {
                            String failure = entry.failure();
                            then.accept(
                                    failure == null
                                            ? result
                                            : new NodeChange.Result.Failed(failure));
                        });
        if (!room) {
            then.accept(new NodeChange.Result.Failed("too much at once"));
        }
    }

    private NodeChange.Result logged(NodeChange change, WriteLog.Entry entry) {
        String failure = entry.failure();
        return failure == null
                ? apply(change, entry.position())
                : new NodeChange.Result.Failed(failure);
    }

    private NodeChange.Result apply(NodeChange change, long position) {
        var event = new ReplicaEvent.Changed(change, position);
        NodeChange.Result result = replication.on(event, System.currentTimeMillis()).orElseThrow();
        if (result instanceof NodeChange.Result.Done) {
            made();
        }
        return result;
    }

    /// After a change of nodes.
    void made() {
        var nodes = new LinkedHashMap<NodeAddress, Node>();
        List<NodeView> now = board.now();
        now.forEach(view -> nodes.put(view.node().address(), view.node()));
        board.keep(nodes.keySet());
        progress.keep(replication.marks());
        now.forEach(view -> progress.mark(view.node().address(), view.position()));
        board.publish();
        board.show();
        changed.accept(List.copyOf(nodes.values()));
    }
}

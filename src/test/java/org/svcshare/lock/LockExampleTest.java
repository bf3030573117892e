package org.svcshare.lock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.pool.Effect;

/// The program in `docs/pools.md` compiles, and does what it says.
@DisplayNameGeneration(ReplaceUnderscores.class)
final class LockExampleTest {
    private static final Pattern EXAMPLE =
            Pattern.compile("```java\n(.*?class (\\w+) .*?)```", Pattern.DOTALL);

    @TempDir private Path folder;

    @Test
    void given_the_example_when_run_against_a_group_then_the_lock_is_taken_and_given_back()
            throws Exception {
        Matcher example = EXAMPLE.matcher(Files.readString(Path.of("docs/pools.md")));
        assertTrue(example.find(), "there is a program in docs/pools.md");
        String name = example.group(2);
        Path source = Files.writeString(folder.resolve(name + ".java"), example.group(1));
        compile(source);
        var told = new CopyOnWriteArrayList<String>();
        try (var site = GroupSite.of(2);
                var loader =
                        new URLClassLoader(
                                new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
            site.engine.listen(effect -> {
                switch (effect) {
                    case Effect.Granted granted -> told.add(granted.pool() + " granted");
                    case Effect.Ended ended -> told.add(ended.pool() + " " + ended.cause());
                    default -> {}
                }
            });
            var main = loader.loadClass(name).getDeclaredMethod("main", String[].class);
            main.setAccessible(true);
            main.invoke(null, (Object) site.addresses());
        }
        assertEquals(List.of("nightly report granted", "nightly report RELEASED"), told);
    }

    private void compile(Path source) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        var said = new StringWriter();
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            String own = System.getProperty("surefire.test.class.path", "");
            String path = own.isEmpty() ? System.getProperty("java.class.path", "") : own;
            var options = List.of("-proc:none", "-cp", path, "-d", folder.toString(), "-Xlint:all");
            assertTrue(
                    compiler.getTask(
                                    said,
                                    files,
                                    null,
                                    options,
                                    null,
                                    files.getJavaFileObjects(source))
                            .call(),
                    said::toString);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}

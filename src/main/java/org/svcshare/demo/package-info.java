/// The demonstrations: bots in one process, a group of nodes, copies of an application.
@NullMarked
package org.svcshare.demo;

import org.jspecify.annotations.NullMarked;

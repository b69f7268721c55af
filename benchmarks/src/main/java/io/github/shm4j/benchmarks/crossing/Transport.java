package io.github.shm4j.benchmarks.crossing;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What can lie between two JVMs.
 *
 * <p>Each connects by an address that {@link Conversation} has made: the id of a block, or the name of a file or of a
 * directory. The pong side calls {@code ready} as soon as the ping side may be started.
 */
enum Transport {

    /** A block of System V shared memory. */
    SHM4J {
        @Override
        Link connect(boolean ping, String address, Runnable ready) throws IOException {
            SharedMemory memory = SharedMemory.ofId(Integer.parseInt(address));
            BlockLink link = new BlockLink(memory.attach(AttachMode.READ_WRITE, Arena.ofConfined()));
            ready.run();
            return link;
        }
    },

    /** A mapped file; whether on a disk or in memory is up to the address, as with the plain file. */
    MAPPED {
        @Override
        Link connect(boolean ping, String address, Runnable ready) throws IOException {
            try (FileChannel channel = openFile(address)) {
                Link link = new BlockLink(
                        channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size(), Arena.ofConfined()));
                ready.run();
                return link;
            }
        }
    },

    /** A plain file. */
    FILE {
        @Override
        Link connect(boolean ping, String address, Runnable ready) throws IOException {
            Link link = new FileLink(Path.of(address));
            ready.run();
            return link;
        }
    },

    /** Two named pipes, one for each direction. */
    PIPE {
        @Override
        Link connect(boolean ping, String address, Runnable ready) throws IOException {
            Path there = Path.of(address, "there");
            Path back = Path.of(address, "back");
            ready.run();
            // Opening waits for the other side to open the other end, so both sides open in the same order.
            if (ping) {
                FileChannel out = FileChannel.open(there, StandardOpenOption.WRITE);
                return new StreamLink(FileChannel.open(back, StandardOpenOption.READ), out);
            }
            FileChannel in = FileChannel.open(there, StandardOpenOption.READ);
            return new StreamLink(in, FileChannel.open(back, StandardOpenOption.WRITE));
        }
    },

    /** A Unix domain socket. */
    UNIX {
        @Override
        Link connect(boolean ping, String address, Runnable ready) throws IOException {
            UnixDomainSocketAddress socket = UnixDomainSocketAddress.of(Path.of(address, "socket"));
            return socket(ping ? SocketChannel.open(socket)
                    : accept(ServerSocketChannel.open(StandardProtocolFamily.UNIX), socket, ready));
        }
    },

    /** TCP through the loopback interface, with {@code TCP_NODELAY}. */
    TCP {
        @Override
        Link connect(boolean ping, String address, Runnable ready) throws IOException {
            InetSocketAddress socket =
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(address));
            SocketChannel channel =
                    ping ? SocketChannel.open(socket) : accept(ServerSocketChannel.open(), socket, ready);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            return socket(channel);
        }
    };

    /** Connects one side. */
    abstract Link connect(boolean ping, String address, Runnable ready) throws IOException;

    private static FileChannel openFile(String file) throws IOException {
        return FileChannel.open(Path.of(file), StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    private static SocketChannel accept(ServerSocketChannel server, SocketAddress address, Runnable ready)
            throws IOException {
        try (server) {
            server.bind(address);
            ready.run();
            return server.accept();
        }
    }

    private static Link socket(SocketChannel channel) {
        return new StreamLink(channel, channel);
    }
}

<?php
// crossing.php ROLE KEY SIZE WARM_MILLIS MEASURE_MILLIS SAMPLES_FILE: one side of a conversation through a block, with
// the layout and the steps of the Java class BlockLink. PHP has no memory fences; x86 keeps the stores in order.
const PAYLOAD = 64;
const LAST = -1;
const MAX_SAMPLES = 1000000;
const CLOCK_EVERY = 64;

[, $role, $key, $size, $warm, $measure, $file] = $argv;
$size = (int) $size;
$block = shmop_open((int) $key, 'w', 0, 0);
if ($block === false) {
    exit(1);
}
$turn = 0;
$number = 0;
$padding = str_repeat("\7", $size - 8);

function handOver(): void
{
    global $block, $turn;
    shmop_write($block, pack('q', ++$turn), 0);
}

function awaitTurn(): void
{
    global $block, $turn;
    $expected = pack('q', ++$turn);
    while (shmop_read($block, 0, 8) !== $expected) {
    }
}

function send(string $message): void
{
    global $block;
    shmop_write($block, $message, PAYLOAD);
    handOver();
}

function receive(): string
{
    global $block, $size;
    awaitTurn();
    return shmop_read($block, PAYLOAD, $size);
}

function numberOf(string $message): int
{
    return unpack('q', $message)[1];
}

function expect(string $message, int $number): void
{
    if (numberOf($message) !== $number) {
        fwrite(STDERR, "expected message $number, received " . numberOf($message) . "\n");
        exit(1);
    }
}

function pong(): void
{
    for ($next = 1;; $next++) {
        $message = receive();
        if (numberOf($message) === LAST) {
            send($message);
            break;
        }
        expect($message, $next);
        send($message);
    }
    for ($streams = 0; $streams < 2; $streams++) {
        for ($next = 1;; $next++) {
            $message = receive();
            if (numberOf($message) === LAST) {
                send($message);
                break;
            }
            expect($message, $next);
            handOver();
        }
    }
}

function roundTrips(int $millis, ?SplFixedArray $samples): int
{
    global $number, $padding;
    $end = hrtime(true) + $millis * 1000000;
    $count = 0;
    do {
        $message = pack('q', ++$number) . $padding;
        $before = hrtime(true);
        send($message);
        $reply = receive();
        $after = hrtime(true);
        expect($reply, $number);
        if ($samples !== null) {
            $samples[$count] = $after - $before;
        }
        $count++;
    } while ($after < $end && $count < MAX_SAMPLES);
    return $count;
}

function last(): void
{
    global $padding;
    send(pack('q', LAST) . $padding);
    expect(receive(), LAST);
}

function stream(int $millis): float
{
    global $padding;
    $start = hrtime(true);
    $end = $start + $millis * 1000000;
    $count = 0;
    do {
        for ($i = 0; $i < CLOCK_EVERY; $i++) {
            send(pack('q', ++$count) . $padding);
            awaitTurn();
        }
    } while (hrtime(true) < $end);
    last();
    return ($count + 1) * 1e9 / (hrtime(true) - $start);
}

if ($role === 'pong') {
    echo "ready\n";
    pong();
    exit(0);
}
$samples = new SplFixedArray(MAX_SAMPLES);
roundTrips((int) $warm, null);
$count = roundTrips((int) $measure, $samples);
last();
stream(intdiv((int) $warm, 2));
$rate = stream((int) $measure);
$out = fopen($file, 'wb');
for ($i = 0; $i < $count; $i++) {
    fwrite($out, pack('V', min($samples[$i], 0xffffffff)));
}
fclose($out);
printf("%.3f\n", $rate);

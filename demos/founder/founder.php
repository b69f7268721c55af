<?php
// A parent starts four children. Each creates a block of its own and writes a random word into it. The parent waits for all
// of them, reads each block and deletes it.
//
//     php founder.php parent FILE [COMMAND...]   with COMMAND, child 2 is that program
//     php founder.php child FILE NUMBER
//     php founder.php wait child FILE NUMBER     stays for as long as its input is open

const CHILDREN = 4;
const SIZE = 1024;
const WORDS = ['amber', 'comet', 'fjord', 'heron', 'maple', 'quartz', 'tundra', 'willow'];

// region child
function child(string $file, string $number, bool $wait): void
{
    $word = WORDS[random_int(0, count(WORDS) - 1)];
    $block = shmop_open(ftok($file, $number), 'n', 0600, SIZE); // Exclusively: "n" fails if there is one.
    if ($block === false) {
        exit(1); // PHP has said why.
    }
    shmop_write($block, "$word\0", 0);
    fwrite(STDOUT, "$word\n"); // Only so that the parent can check what it has read.
    if ($wait) {
        fgets(STDIN);
    }
}
// endregion child

// region parent
function parent(string $file, array $second): void
{
    $children = [];
    for ($number = 0; $number < CHILDREN; $number++) {
        $command = $number === 2 && $second !== [] ? $second : [PHP_BINARY, __FILE__];
        $pipes = [];
        $process = proc_open([...$command, 'child', $file, (string) $number], [1 => ['pipe', 'w']], $pipes);
        $children[$number] = [$process, $pipes[1]];
    }
    $right = 0;
    foreach ($children as $number => [$process, $output]) {
        $wrote = trim(stream_get_contents($output));
        // Whose child has failed, its key belongs to somebody else.
        if (proc_close($process) !== 0) {
            continue;
        }
        $block = shmop_open(ftok($file, (string) $number), 'w', 0, 0);
        $word = strstr(shmop_read($block, 0, SIZE), "\0", true);
        shmop_delete($block);
        echo "child $number wrote '$word'\n";
        $right += $word === $wrote ? 1 : 0;
    }
    exit($right === CHILDREN ? 0 : 1);
}
// endregion parent

if (!function_exists('shmop_open')) {
    fwrite(STDERR, "founder.php: this PHP has no shmop; in Debian it is part of php-cli\n");
    exit(1);
}
ini_set('display_errors', 'stderr'); // Standard output is the parent's.
$arguments = array_slice($argv, 1);
$wait = $arguments[0] === 'wait';
if ($wait) {
    array_shift($arguments);
}
if ($arguments[0] === 'parent') {
    parent($arguments[1], array_slice($arguments, 2));
} else {
    child($arguments[1], $arguments[2], $wait);
}

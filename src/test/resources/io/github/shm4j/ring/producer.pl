# A producer for rings with one producer, written from docs/ring-protocol.md alone.
#
# usage: producer ID COUNT
#
# Writes COUNT messages "perl 0", "perl 1", ...
use strict;
use warnings;

my ($id, $count) = @ARGV;

sub get { my ($offset, $size) = @_; shmread($id, my $bytes, $offset, $size) or die "shmread: $!"; return $bytes; }
sub get_long { return unpack('q', get(@_, 8)); }
sub put { my ($offset, $bytes) = @_; shmwrite($id, $bytes, $offset, length $bytes) or die "shmwrite: $!"; }

die 'not a ring' unless get_long(0) == 0x73686d346a726e67 && unpack('l', get(8, 4)) == 1 && unpack('l', get(12, 4)) == 1;
my $capacity = get_long(16);
my $records = 768 + 128 * unpack('l', get(24, 4));

open my $stat, '<', '/proc/self/stat' or die $!;
my @field = split / /, (<$stat> =~ s/.*\) //sr);
die 'there is a producer' if get_long(768) != 0;
put(768, pack('Q', $$ << 41 | $field[19]));

my $position = get_long(128);
for my $i (0 .. $count - 1) {
    my $text = "perl $i";
    my $length = length($text) + 8;
    my $record = ($length + 7) & ~7;
    my $index = $position & ($capacity - 1);
    my $padding = $record <= $capacity - $index ? 0 : $capacity - $index;
    select(undef, undef, undef, 0.0001) while $position + $padding + $record > get_long(256) + $capacity;
    put($records + $index, pack('ll', $padding, -1)) if $padding;
    my $begin = $records + (($index + $padding) & ($capacity - 1));
    put($begin + 8, $text);
    put($begin, pack('ll', $length, 7));
    $position += $padding + $record;
    # The hardware of x86 keeps the order of stores, and eight aligned bytes are stored at once.
    put(128, pack('q', $position));
}
put(768, pack('Q', 0));

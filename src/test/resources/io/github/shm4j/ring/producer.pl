# A producer for rings with one producer, written from docs/ring-protocol.md alone.
#
# usage: producer ID COUNT [STEP]
#
# Writes COUNT messages "perl 0", "perl 1", ... If a STEP is given, the process kills itself right after that step of the
# protocol while it writes "the last one" behind them.
#
# Perl has neither acquire nor release, and x86 needs none: it keeps the order of loads, and that of stores. On other
# processors the order comes from shmread and shmwrite, each of which attaches the block and detaches it again. Between two
# of them the kernel changes the memory of this process, for which it takes locks and gives them back, and no load and no
# store gets past both. Eight aligned bytes are copied at once.
use strict;
use warnings;

use constant { PRODUCER_POSITION => 128, FREE_POSITION => 256, CONSUMER_POSITION => 392, PRODUCER => 768 };

my ($id, $count, $fatal) = (@ARGV, 0);

sub get { my ($offset, $size) = @_; shmread($id, my $bytes, $offset, $size) or die "shmread: $!"; return $bytes; }
sub get_long { return unpack('q', get(@_, 8)); }
sub put { my ($offset, $bytes) = @_; shmwrite($id, $bytes, $offset, length $bytes) or die "shmwrite: $!"; }
sub put_long { my ($offset, $value) = @_; put($offset, pack('q', $value)); }

die 'not a ring' unless get_long(0) == 0x73686d346a726e67 && unpack('l', get(8, 4)) == 1 && unpack('l', get(12, 4)) == 1;
my $capacity = get_long(16);
my $records = 768 + 128 * unpack('l', get(24, 4));

sub header_at { my ($position) = @_; return $records + ($position & ($capacity - 1)); }

# The 22nd field of stat, or undef if there is no such process or only what is left of it.
sub start_time {
    my ($pid) = @_;
    open my $stat, '<', "/proc/$pid/task/$pid/stat" or return undef;
    my @field = split / /, (<$stat> =~ s/.*\) //sr);
    return $field[0] eq 'Z' ? undef : $field[19];
}

# Nor has Perl a compare-and-set: it is for whoever starts this program to see that nobody else wants to be the producer.
my $owner = unpack('Q', get(PRODUCER, 8));
my $start = start_time($owner >> 41);
die 'there is a producer' if $owner != 0 && defined $start && $start == ($owner & (1 << 41) - 1);
put(PRODUCER, pack('Q', $$ << 41 | start_time($$)));

# The predecessor may have been killed before it had stored its position.
my $position = get_long(PRODUCER_POSITION);
my $limit = get_long(FREE_POSITION) + $capacity;
while (1) {
    my $consumed = get_long(CONSUMER_POSITION);
    $position = $consumed if $consumed > $position;
    my $header = $position == $limit ? 0 : get_long(header_at($position));
    # If the consumer has passed, the header may have been cleared in part.
    next if get_long(CONSUMER_POSITION) > $position;
    last if $header == 0;
    $position += (($header & 0xffffffff) + 7) & ~7;
}
put_long(PRODUCER_POSITION, $position);

our $step_to_end_at = 0;

sub after { kill 'KILL', $$ if $_[0] == $step_to_end_at; }

# Steps 3 to 5.
sub append {
    my ($header, $end) = @_;
    put_long(header_at($end), 0) if $end != $limit;
    after(3);
    put_long(header_at($position), $header);
    after(4);
    $position = $end;
    put_long(PRODUCER_POSITION, $position);
    after(5);
}

sub write_message {
    my ($text) = @_;
    my $length = length($text) + 8;
    my $record = ($length + 7) & ~7;
    my $to_end = $capacity - ($position & ($capacity - 1));
    my $needed = $record <= $to_end ? $record : $to_end + $record;
    while ($position + $needed > $limit) {
        $limit = get_long(FREE_POSITION) + $capacity;
        select(undef, undef, undef, 0.0001) if $position + $needed > $limit;
    }
    if ($record > $to_end) {
        local $step_to_end_at = 0;
        append(-1 << 32 | $to_end, $position + $to_end);
    }
    put(header_at($position) + 8, $text);
    after(2);
    append(7 << 32 | $length, $position + $record);
}

write_message("perl $_") for 0 .. $count - 1;
if ($fatal) {
    $step_to_end_at = $fatal;
    write_message('the last one');
}
put(PRODUCER, pack('Q', 0));

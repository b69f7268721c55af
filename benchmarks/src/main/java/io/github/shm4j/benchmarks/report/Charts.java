package io.github.shm4j.benchmarks.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws each chart twice, for light and for dark pages. */
final class Charts {

    private static final int WIDTH = 960;
    private static final int HEIGHT = 540;
    private static final String FONT = Font.SANS_SERIF;

    private final Path directory;

    Charts(Path directory) {
        this.directory = directory;
    }

    /** The colours of a page. */
    private enum Theme {
        LIGHT(
                new Color(0xffffff),
                new Color(0x1f2328),
                new Color(0xd1d9e0),
                List.of(0xd55e00, 0x1f2328, 0x0072b2, 0x009e73, 0xa8729a, 0xb8860b, 0x56a0d3, 0x7f7f7f, 0x8c2d04,
                        0x4b3fa7)),
        DARK(
                new Color(0x0d1117),
                new Color(0xe6edf3),
                new Color(0x3d444d),
                List.of(0xff8c42, 0xe6edf3, 0x4aa3df, 0x2fc796, 0xd69ac8, 0xe3b341, 0x8fcbf0, 0x9e9e9e, 0xd0704a,
                        0x9a8cff));

        private final Color page;
        private final Color ink;
        private final Color grid;
        private final Color[] series;

        Theme(Color page, Color ink, Color grid, List<Integer> series) {
            this.page = page;
            this.ink = ink;
            this.grid = grid;
            this.series = series.stream().map(Color::new).toArray(Color[]::new);
        }

        String suffix() {
            return this == LIGHT ? "" : "-dark";
        }
    }

    /** One line of a {@link #lines} chart. */
    record Line(String name, List<Double> x, List<Double> y, boolean dashed) {}

    /** Lines over sizes in bytes; both axes are logarithmic. */
    String lines(String name, String title, String yTitle, Function<Double, String> yLabel, List<Line> lines)
            throws IOException {
        Marker[] markers = {
            SeriesMarkers.CIRCLE, SeriesMarkers.NONE, SeriesMarkers.SQUARE, SeriesMarkers.DIAMOND,
            SeriesMarkers.TRIANGLE_UP, SeriesMarkers.TRIANGLE_DOWN, SeriesMarkers.CROSS, SeriesMarkers.PLUS,
            SeriesMarkers.SQUARE, SeriesMarkers.DIAMOND};
        for (Theme theme : Theme.values()) {
            XYChart chart = new XYChartBuilder()
                    .width(WIDTH)
                    .height(HEIGHT)
                    .title(title)
                    .xAxisTitle("size")
                    .yAxisTitle(yTitle)
                    .build();
            style(chart.getStyler(), theme);
            chart.getStyler().setYAxisLogarithmic(true);
            chart.getStyler().setMarkerSize(7);
            chart.getStyler().setyAxisTickLabelsFormattingFunction(yLabel);
            // The axis holds the logarithm to base 2: powers of ten would be odd numbers of bytes.
            chart.getStyler().setxAxisTickLabelsFormattingFunction(
                    power -> power == Math.rint(power) ? Units.bytes(1L << power.longValue()) : "");
            int index = 0;
            for (Line line : lines) {
                XYSeries series = chart.addSeries(
                        line.name(),
                        line.x().stream().map(size -> Math.log(size) / Math.log(2)).toList(),
                        line.y());
                series.setMarker(markers[index % markers.length]);
                series.setLineStyle(stroke(line.dashed(), index));
                index++;
            }
            save(chart, name, theme);
        }
        return picture(name, title);
    }

    /** Bars side by side for each category. */
    String bars(
            String name,
            String title,
            String yTitle,
            Function<Double, String> yLabel,
            boolean logarithmic,
            List<String> categories,
            Map<String, List<Double>> series)
            throws IOException {
        for (Theme theme : Theme.values()) {
            CategoryChart chart = new CategoryChartBuilder()
                    .width(WIDTH)
                    .height(HEIGHT)
                    .title(title)
                    .yAxisTitle(yTitle)
                    .build();
            style(chart.getStyler(), theme);
            chart.getStyler().setYAxisLogarithmic(logarithmic);
            chart.getStyler().setyAxisTickLabelsFormattingFunction(yLabel);
            chart.getStyler().setAvailableSpaceFill(0.8);
            chart.getStyler().setLegendVisible(series.size() > 1);
            if (categories.stream().mapToInt(String::length).sum() > 90) {
                chart.getStyler().setXAxisLabelRotation(30);
            }
            if (logarithmic) {
                double smallest = series.values().stream()
                        .flatMap(List::stream)
                        .mapToDouble(Double::doubleValue)
                        .filter(value -> value > 0)
                        .min()
                        .orElse(1);
                chart.getStyler().setYAxisMin(Math.pow(10, Math.floor(Math.log10(smallest))));
            }
            series.forEach((label, values) -> {
                CategorySeries bars = chart.addSeries(label, categories, values);
                bars.setMarker(SeriesMarkers.NONE);
            });
            save(chart, name, theme);
        }
        return picture(name, title);
    }

    private static BasicStroke stroke(boolean dashed, int index) {
        float width = index == 0 ? 3.5f : 2;
        return dashed
                ? new BasicStroke(width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10, new float[]{8, 5}, 0)
                : new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
    }

    private static void style(AxesChartStyler styler, Theme theme) {
        styler.setChartBackgroundColor(theme.page);
        styler.setPlotBackgroundColor(theme.page);
        styler.setPlotBorderVisible(false);
        styler.setChartFontColor(theme.ink);
        styler.setXAxisTitleColor(theme.ink);
        styler.setYAxisTitleColor(theme.ink);
        styler.setAxisTickLabelsColor(theme.ink);
        styler.setAxisTickMarksColor(theme.grid);
        styler.setPlotGridLinesColor(theme.grid);
        styler.setPlotGridLinesStroke(new BasicStroke(1));
        styler.setLegendBackgroundColor(theme.page);
        styler.setLegendBorderColor(theme.page);
        styler.setLegendPosition(Styler.LegendPosition.OutsideE);
        styler.setSeriesColors(theme.series);
        styler.setChartTitleFont(new Font(FONT, Font.BOLD, 17));
        styler.setAxisTitleFont(new Font(FONT, Font.PLAIN, 14));
        styler.setAxisTickLabelsFont(new Font(FONT, Font.PLAIN, 13));
        styler.setLegendFont(new Font(FONT, Font.PLAIN, 13));
        styler.setChartTitleBoxVisible(false);
        styler.setAntiAlias(true);
    }

    private void save(Chart<?, ?> chart, String name, Theme theme) throws IOException {
        VectorGraphicsEncoder.saveVectorGraphic(
                chart,
                directory.resolve(name + theme.suffix() + ".svg").toString(),
                VectorGraphicsEncoder.VectorGraphicsFormat.SVG);
    }

    /** What goes into the page: the picture that fits its colours. */
    private String picture(String name, String title) {
        String path = directory.getFileName() + "/" + name;
        return """
                <picture>
                  <source media="(prefers-color-scheme: dark)" srcset="%s-dark.svg">
                  <img alt="%s" src="%s.svg">
                </picture>
                """
                .formatted(path, title, path);
    }
}

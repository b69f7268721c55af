package io.github.shm4j.benchmarks.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Dimension;
import java.awt.Font;
import java.awt.Shape;
import java.awt.Stroke;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Rectangle2D;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.FieldPosition;
import java.text.NumberFormat;
import java.text.ParsePosition;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleFunction;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGeneratorContext;
import org.apache.batik.svggen.SVGGraphics2D;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.Axis;
import org.jfree.chart.axis.CategoryAxis;
import org.jfree.chart.axis.CategoryLabelPositions;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.block.BlockBorder;
import org.jfree.chart.plot.CategoryPlot;
import org.jfree.chart.plot.Plot;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.category.BarRenderer;
import org.jfree.chart.renderer.category.StandardBarPainter;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.chart.util.ShapeUtils;
import org.jfree.data.category.DefaultCategoryDataset;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** Draws each chart twice, for light and for dark pages. */
final class Charts {

    private static final int WIDTH = 960;
    private static final int HEIGHT = 540;

    private static final List<Shape> MARKERS = List.of(
            new Ellipse2D.Double(-4, -4, 8, 8),
            new Ellipse2D.Double(-2, -2, 4, 4),
            new Rectangle2D.Double(-3.5, -3.5, 7, 7),
            ShapeUtils.createDiamond(5),
            ShapeUtils.createUpTriangle(4.5f),
            ShapeUtils.createDownTriangle(4.5f),
            ShapeUtils.createDiagonalCross(3.5f, 0.8f),
            ShapeUtils.createRegularCross(4, 0.8f));

    private final Path directory;
    private final List<Theme> themes;

    /**
     * Makes the charts of a page.
     *
     * @param directory where they are, from the page's point of view too
     * @param draws whether to draw them, or only to say to the page where they are
     */
    Charts(Path directory, boolean draws) {
        this.directory = directory;
        this.themes = draws ? List.of(Theme.values()) : List.of();
    }

    /** The colours of a page. Those of the series follow Okabe and Ito, whose colours most colour-blind people can tell apart. */
    private enum Theme {
        LIGHT("", 0xffffff, 0x1f2328, 0xd1d9e0,
                List.of(0xd55e00, 0x1f2328, 0x0072b2, 0x009e73, 0xb5659d, 0xb8860b, 0x56a0d3, 0x7f7f7f, 0x8c2d04,
                        0x4b3fa7),
                List.of(0xd55e00, 0x0072b2, 0x009e73, 0xb8860b)),
        DARK("-dark", 0x0d1117, 0xe6edf3, 0x3d444d,
                List.of(0xff8c42, 0xe6edf3, 0x4aa3df, 0x2fc796, 0xd69ac8, 0xe3b341, 0x8fcbf0, 0x9e9e9e, 0xd0704a,
                        0x9a8cff),
                List.of(0xff8c42, 0x4aa3df, 0x2fc796, 0xe3b341));

        private final String suffix;
        private final Color page;
        private final Color ink;
        private final Color grid;
        private final List<Color> lines;
        private final List<Color> bars;

        Theme(String suffix, int page, int ink, int grid, List<Integer> lines, List<Integer> bars) {
            this.suffix = suffix;
            this.page = new Color(page);
            this.ink = new Color(ink);
            this.grid = new Color(grid);
            this.lines = lines.stream().map(Color::new).toList();
            this.bars = bars.stream().map(Color::new).toList();
        }
    }

    /** One line of a {@link #lines} chart, from sizes to values. */
    record Line(String name, Map<Long, Double> points, boolean dashed) {}

    /** Lines over sizes in bytes; both axes are logarithmic. The first line is the thick one. */
    String lines(String name, String title, String yTitle, DoubleFunction<String> yLabel, List<Line> lines)
            throws IOException {
        for (Theme theme : themes) {
            XYSeriesCollection data = new XYSeriesCollection();
            XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer();
            int index = 0;
            for (Line line : lines) {
                XYSeries series = new XYSeries(line.name());
                line.points().forEach(series::add);
                data.addSeries(series);
                renderer.setSeriesPaint(index, theme.lines.get(index % theme.lines.size()));
                renderer.setSeriesShape(index, MARKERS.get(index % MARKERS.size()));
                renderer.setSeriesStroke(index, stroke(line.dashed(), index == 0 ? 3.5f : 2));
                index++;
            }
            LogAxis sizes = new LogAxis("size");
            sizes.setBase(2);
            sizes.setTickUnit(new NumberTickUnit(2));
            sizes.setNumberFormatOverride(new Labels(size -> Units.bytes(Math.round(size))));
            LogAxis values = new LogAxis(yTitle);
            values.setTickUnit(new NumberTickUnit(1));
            values.setNumberFormatOverride(new Labels(yLabel));
            XYPlot plot = new XYPlot(data, sizes, values, renderer);
            plot.setDomainGridlinePaint(theme.grid);
            plot.setRangeGridlinePaint(theme.grid);
            plot.setDomainGridlineStroke(stroke(false, 1));
            plot.setRangeGridlineStroke(stroke(false, 1));
            style(sizes, theme);
            style(values, theme);
            save(name, title, plot, RectangleEdge.RIGHT, theme);
        }
        return picture(name, title);
    }

    /** Bars side by side for each category; where a value is {@code null}, none. */
    String bars(
            String name,
            String title,
            String yTitle,
            DoubleFunction<String> yLabel,
            boolean logarithmic,
            List<String> categories,
            Map<String, List<Double>> series)
            throws IOException {
        for (Theme theme : themes) {
            DefaultCategoryDataset data = new DefaultCategoryDataset();
            BarRenderer renderer = new BarRenderer();
            int index = 0;
            for (Map.Entry<String, List<Double>> each : series.entrySet()) {
                for (int category = 0; category < categories.size(); category++) {
                    data.addValue(each.getValue().get(category), each.getKey(), categories.get(category));
                }
                renderer.setSeriesPaint(index, theme.bars.get(index % theme.bars.size()));
                index++;
            }
            renderer.setBarPainter(new StandardBarPainter());
            renderer.setShadowVisible(false);
            renderer.setDrawBarOutline(false);
            renderer.setItemMargin(0.05);
            ValueAxis values = logarithmic
                    ? logarithmic(yTitle, yLabel, series, renderer)
                    : linear(yTitle, yLabel);
            CategoryAxis names = new CategoryAxis();
            // A label that needs more lines than this is cut off.
            names.setMaximumCategoryLabelLines(3);
            if (categories.size() > 7) {
                names.setCategoryLabelPositions(CategoryLabelPositions.createUpRotationLabelPositions(Math.PI / 7));
            }
            CategoryPlot plot = new CategoryPlot(data, names, values, renderer);
            plot.setRangeGridlinePaint(theme.grid);
            plot.setRangeGridlineStroke(stroke(false, 1));
            style(names, theme);
            style(values, theme);
            save(name, title, plot, series.size() > 1 ? RectangleEdge.RIGHT : null, theme);
        }
        return picture(name, title);
    }

    /** From the power of ten below the smallest value, where the bars begin too. */
    private static LogAxis logarithmic(
            String title, DoubleFunction<String> label, Map<String, List<Double>> series, BarRenderer renderer) {
        double smallest = Double.MAX_VALUE;
        double largest = 0;
        for (List<Double> values : series.values()) {
            for (Double value : values) {
                if (value != null && value > 0) {
                    smallest = Math.min(smallest, value);
                    largest = Math.max(largest, value);
                }
            }
        }
        if (largest == 0) {
            // Nothing worth a bar, as in the shortest of runs.
            smallest = 1;
            largest = 1;
        }
        double from = Math.pow(10, Math.ceil(Math.log10(smallest)) - 1);
        LogAxis axis = new LogAxis(title);
        axis.setRange(from, largest * 1.5);
        axis.setTickUnit(new NumberTickUnit(1));
        axis.setNumberFormatOverride(new Labels(label));
        renderer.setBase(from);
        return axis;
    }

    private static NumberAxis linear(String title, DoubleFunction<String> label) {
        NumberAxis axis = new NumberAxis(title);
        axis.setNumberFormatOverride(new Labels(label));
        return axis;
    }

    private static Stroke stroke(boolean dashed, float width) {
        return dashed
                ? new BasicStroke(width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10, new float[] {8, 5}, 0)
                : new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
    }

    private static void style(Axis axis, Theme theme) {
        axis.setLabelPaint(theme.ink);
        axis.setLabelFont(font(Font.PLAIN, 14));
        axis.setTickLabelPaint(theme.ink);
        axis.setTickLabelFont(font(Font.PLAIN, 13));
        axis.setAxisLinePaint(theme.grid);
        axis.setTickMarkPaint(theme.grid);
    }

    private static Font font(int style, int size) {
        return new Font(Font.SANS_SERIF, style, size);
    }

    private void save(String name, String title, Plot plot, RectangleEdge legend, Theme theme) throws IOException {
        plot.setBackgroundPaint(theme.page);
        plot.setOutlineVisible(false);
        plot.setInsets(new RectangleInsets(8, 8, 8, 8));
        JFreeChart chart = new JFreeChart(title, font(Font.BOLD, 17), plot, legend != null);
        chart.setBackgroundPaint(theme.page);
        chart.setPadding(new RectangleInsets(10, 10, 10, 10));
        chart.getTitle().setPaint(theme.ink);
        if (legend != null) {
            chart.getLegend().setPosition(legend);
            chart.getLegend().setBackgroundPaint(theme.page);
            chart.getLegend().setItemPaint(theme.ink);
            chart.getLegend().setItemFont(font(Font.PLAIN, 13));
            chart.getLegend().setFrame(BlockBorder.NONE);
        }
        Document document;
        try {
            document = DocumentBuilderFactory.newNSInstance()
                    .newDocumentBuilder()
                    .getDOMImplementation()
                    .createDocument("http://www.w3.org/2000/svg", "svg", null);
        } catch (ParserConfigurationException impossible) {
            throw new AssertionError(impossible);
        }
        SVGGeneratorContext context = SVGGeneratorContext.createDefault(document);
        context.setComment(null);
        context.setPrecision(2);
        SVGGraphics2D graphics = new SVGGraphics2D(context, false);
        graphics.setSVGCanvasSize(new Dimension(WIDTH, HEIGHT));
        chart.draw(graphics, new Rectangle2D.Double(0, 0, WIDTH, HEIGHT));
        try (Writer writer = Files.newBufferedWriter(directory.resolve(name + theme.suffix + ".svg"))) {
            Element root = graphics.getRoot();
            // With it, the picture also fits where there is less room.
            root.setAttribute("viewBox", "0 0 " + WIDTH + " " + HEIGHT);
            graphics.stream(root, writer, true, false);
        }
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

    /** The labels of an axis. */
    private static final class Labels extends NumberFormat {

        private static final long serialVersionUID = 1;

        private final transient DoubleFunction<String> label;

        Labels(DoubleFunction<String> label) {
            this.label = label;
        }

        @Override
        public StringBuffer format(double number, StringBuffer target, FieldPosition position) {
            return target.append(label.apply(number));
        }

        @Override
        public StringBuffer format(long number, StringBuffer target, FieldPosition position) {
            return format((double) number, target, position);
        }

        @Override
        public Number parse(String source, ParsePosition position) {
            throw new UnsupportedOperationException("labels are only written");
        }
    }
}

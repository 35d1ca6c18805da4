package dev.kvserver.tidy;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MemberReferenceTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/**
 * Rules that need the syntax tree: comments and strings do not count, and a method ends
 * where it ends. The file is parsed by the compiler of the JDK, but not resolved, so a
 * call is recognised by how it is written.
 */
final class JavaRules extends TreeScanner<@Nullable Void, @Nullable Void> {

	static final int LINES_PER_METHOD_MAX = 70;

	private static final Pattern BANNED = Pattern.compile("(java\\.lang\\.)?(System\\.currentTimeMillis|Thread\\.sleep)"
			+ "|(java\\.util\\.concurrent\\.)?TimeUnit\\.[A-Z]+\\.sleep|(java\\.util\\.)?Random\\.(new|<init>)");

	private static final Pattern CONSOLE = Pattern.compile("(java\\.lang\\.)?System\\.(out|err)");

	private static final Pattern RANDOM = Pattern.compile("(java\\.util\\.)?Random");

	private final SourceFile file;

	private final CompilationUnitTree unit;

	private final LineMap lines;

	private final SourcePositions positions;

	private final List<String> complaints = new ArrayList<>();

	private JavaRules(SourceFile file, CompilationUnitTree unit, SourcePositions positions) {
		this.file = file;
		this.unit = unit;
		this.lines = unit.getLineMap();
		this.positions = positions;
	}

	/** Complaints about one Java file; none about any other file. */
	static List<String> complaints(SourceFile file) throws IOException {
		List<String> complaints = new ArrayList<>();
		if (file.isJava()) {
			JavaCompiler compiler = requireNonNull(ToolProvider.getSystemJavaCompiler());
			JavacTask task = (JavacTask) compiler.getTask(null, null, null, List.of("-proc:none"), null,
					List.of(new Source(file)));
			for (CompilationUnitTree unit : task.parse()) {
				JavaRules rules = new JavaRules(file, unit, Trees.instance(task).getSourcePositions());
				rules.scan(unit, null);
				complaints.addAll(rules.complaints);
			}
		}
		return complaints;
	}

	@Override
	public @Nullable Void visitMethod(MethodTree method, @Nullable Void unused) {
		long end = this.lines.getLineNumber(this.positions.getEndPosition(this.unit, method));
		if (end - line(method) + 1 > LINES_PER_METHOD_MAX) {
			complain(method, method.getName() + " has more than " + LINES_PER_METHOD_MAX + " lines");
		}
		return super.visitMethod(method, null);
	}

	@Override
	public @Nullable Void visitMemberSelect(MemberSelectTree select, @Nullable Void unused) {
		checkName(select, select.toString());
		return super.visitMemberSelect(select, null);
	}

	@Override
	public @Nullable Void visitMemberReference(MemberReferenceTree reference, @Nullable Void unused) {
		checkName(reference, reference.getQualifierExpression() + "." + reference.getName());
		return super.visitMemberReference(reference, null);
	}

	@Override
	public @Nullable Void visitNewClass(NewClassTree creation, @Nullable Void unused) {
		if (RANDOM.matcher(creation.getIdentifier().toString()).matches()) {
			complain(creation, "Random is not to be used: take a SplittableRandom with a seed");
		}
		return super.visitNewClass(creation, null);
	}

	private void checkName(Tree tree, String name) {
		if (BANNED.matcher(name).matches() || (CONSOLE.matcher(name).matches() && !mayPrint())) {
			complain(tree, name + " is not to be used");
		}
	}

	/** The load driver is a command line program: what it prints is its result. */
	private boolean mayPrint() {
		return this.file.path().startsWith("kv-benchmarks/src/main/");
	}

	private void complain(Tree tree, String what) {
		this.complaints.add(this.file.complaint(line(tree), what));
	}

	private long line(Tree tree) {
		return this.lines.getLineNumber(this.positions.getStartPosition(this.unit, tree));
	}

	/** Hands a text that is already in memory to the compiler. */
	private static final class Source extends SimpleJavaFileObject {

		private final String text;

		Source(SourceFile file) {
			super(URI.create("string:///" + file.path()), JavaFileObject.Kind.SOURCE);
			this.text = file.text();
		}

		@Override
		public CharSequence getCharContent(boolean ignoreEncodingErrors) {
			return this.text;
		}

	}

}

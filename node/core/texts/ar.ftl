# Not yet read by a native speaker.
# Arabic needs UCS-2: 70 characters a text message, so every sentence is as short as it can be.

key-back = 00 رجوع
key-more = 99 المزيد

resume-question = هل تتابع من حيث توقفت؟
resume-yes = نعم
resume-no = لا
village-question = اكتب رمز قريتك.
home-title = الخدمات
home-exit = خروج
home-bye = شكرا. مع السلامة.
home-language = اللغة
busy = الخدمة مشغولة. حاول بعد دقائق.
failed = حدث خطأ ولم يحفظ شيء. حاول لاحقا.
no-service = لا خدمة لهذا الرقم هنا. اسأل عاملا صحيا.
session-ended = انتهت هذه المحادثة. اطلب الرمز ثانية.
phone-without-number = لا رقم لهذا الهاتف بعد. اسأل مشغل الشبكة.
session-too-long = خطوات كثيرة. اطلب الرمز ثانية.
line-too-narrow = This line cannot show this service. Please use SMS.

refuse-choice = اكتب أحد الأرقام المعروضة.
refuse-choices = اكتب الأرقام المناسبة، مثل 1 3.
refuse-empty = اكتب جوابا.
refuse-name = اكتب اسما بالحروف فقط.
refuse-text = اكتب حروفا وأرقاما ومسافات فقط.
refuse-identifier = اكتب من { $min } إلى { $max } حرفا أو رقما.
refuse-phone = اكتب رقم هاتف كاملا.
refuse-number = اكتب عددا من { $min } إلى { $max }.
refuse-day = اكتب اليوم مثل { $example }.
refuse-year-or-day = اكتب سنة مثل { $year } أو يوما مثل { $example }.
refuse-month-or-day = اكتب شهرا مثل { $month } أو يوما مثل { $example }.
refuse-any-date = اكتب مثل { $year } أو { $month } أو { $example }.
refuse-future = هذا اليوم لم يأت. اكتب يوما أسبق.
refuse-old = هذا قديم جدا. اكتب { $earliest } أو بعده.
refuse-recent = هذا حديث جدا. اكتب { $latest } أو قبله.
refuse-ahead = هذا بعيد جدا. اكتب { $latest } أو قبله.
refuse-long = طويل جدا. اكتب { $limit } حرفا على الأكثر.
refuse-page = لا مزيد. اكتب أحد الأرقام المعروضة.
refuse-registration-number = اكتب { $short } أو { $long } رقما.
refuse-check-digit = رقم واحد خطأ. راجع واكتب ثانية.
refuse-amount = اكتب مبلغا من { $min } إلى { $max }.
refuse-pin = اكتب من { $min } إلى { $max } أرقام.

form-refused = { $field }: { $fix } لم يحفظ شيء.
form-choices = اكتب أحد هذه: { $choices }.
form-name = اكتب اسمه، مثل { $example }.
form-sample = أرسل هكذا: { $sample }

status-held = محفوظ هنا
status-carried = وصل إلى المركز
status-accepted = مقبول
status-effective = مكتمل
status-rejected = مرفوض
status-conflict = قيد المراجعة

reject-not-allowed = رقمك لا يسمح بهذا. اسأل مشرفك.
reject-no-consent = لم يحفظ شيء لأن الشخص لم يوافق.
reject-incomplete = ينقص شيء ولم يحفظ شيء. اكتب ثانية.
reject-no-open-review = لا سؤال ينتظر جوابك. اطلب رمز الخدمة.
reject-review-which = أكثر من مراجعة تنتظر. أرسل رقمها أيضا، مثل { $example }.
reject-review-unknown = لا مراجعة { $n } مفتوحة. راجع الرقم.
reject-not-registered = هذا الرقم غير مسجل. اسأل عاملا صحيا أو المكتب.
reject-not-bound = لم يؤكد هذا الرقم. أجب 1 عن الرسالة أو اطلب الرمز.
reject-language = هذه اللغة غير متاحة. اختر غيرها.
reject-numbers = لا أرقام تسجيل هنا. أخبر مشرفك.
reject-phone-full = هذا الرقم لـ { $limit } أشخاص. اكتب غيره أو اتركه.
reject-births = تاريخا ميلاد الأم والطفل لا يتفقان. غير أحدهما.
reject-village = لا قرية بهذا الرمز. اكتب رمز قريتك.

digest = { $accepted } مقبول، { $rejected } مرفوض، { $review } ينتظرك.
review-question = مراجعة { $n }: ..{ $own } و ..{ $other }. هل هم نفس الأشخاص؟ أجب 1 نعم، 2 لا.
review-answered = شكرا. حفظ جوابك عن المراجعة { $n }.
claim = أعطي هذا الرقم لمكتب حكومي. أجب 1 لتصلك رسائله، STOP لعدمها.
bound = شكرا. تصل الرسائل إلى هذا الرقم. أرسل STOP لإيقافها.
stopped = لن تصلك رسائلنا. أرسل START لتصلك ثانية.
started = ستصلك رسائلنا ثانية. أرسل STOP لإيقافها.
unknown-text = لم نفهم. أرسل MENU للخدمات، 1 أو 2 جوابا عن سؤال، STOP لإيقاف الرسائل.
alias-assigned = رقمك { $old } صار { $new }. كلاهما صالح.
result-accepted = وصل تسجيلك إلى السجل العام. للأسئلة اسأل عاملا صحيا.

month-1 = يناير
month-2 = فبراير
month-3 = مارس
month-4 = أبريل
month-5 = مايو
month-6 = يونيو
month-7 = يوليو
month-8 = أغسطس
month-9 = سبتمبر
month-10 = أكتوبر
month-11 = نوفمبر
month-12 = ديسمبر

ethiopian-month-1 = مسكرم
ethiopian-month-2 = تقمت
ethiopian-month-3 = هدار
ethiopian-month-4 = تهساس
ethiopian-month-5 = تر
ethiopian-month-6 = يكاتيت
ethiopian-month-7 = مغابيت
ethiopian-month-8 = ميازيا
ethiopian-month-9 = غنبوت
ethiopian-month-10 = سني
ethiopian-month-11 = هاملي
ethiopian-month-12 = نهاسي
ethiopian-month-13 = باغمي
